//! Nodes under load: they agree, a read waits for a position, a revocation reaches all, and one that is killed is missed
//! by nobody.

use std::time::{Duration, Instant};

use serde_json::json;

use super::Fleet;
use super::load::Load;
use crate::support::{Api, make_token};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn three_nodes_under_load_agree_on_one_log_without_a_gap() {
    let fleet = Fleet::of(3).await;
    let load = Load::start(&fleet.owners(), 24);
    load.more(600).await;
    assert_eq!(load.failures(), 0, "nothing fails while nothing is broken");
    let written = load.stop().await;
    fleet.holds(&written, &fleet.url).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_write_at_one_node_is_read_at_another_by_its_position() {
    let fleet = Fleet::of(3).await;
    let load = Load::start(&fleet.owners(), 6);
    for round in 0..60 {
        let (here, there) = (&fleet.nodes[round % 3], &fleet.nodes[(round + 1) % 3]);
        let form = json!({"role": "reader", "name": format!("round {round}")});
        let made = here.owner().post("/api/v2/tokens", &form).await.expect(201);
        let position = made.position().to_string();
        let (id, secret) = (made.text("/_id"), made.text("/token"));
        let reader = there.owner().with("X-Keyledger-Min-Position", &position);
        let found = reader
            .get(&format!("/api/v2/tokens/{id}"))
            .await
            .expect(200);
        assert_eq!(found.text("/name"), format!("round {round}"));
        // The token itself works there, and the decision door waits as well.
        let asked = json!({
            "token": secret,
            "action": "viewProject",
            "resource": "proj/default",
            "minPosition": made.position(),
        });
        let decided = there.owner().post("/api/v2/decisions", &asked).await;
        assert_eq!(decided.expect(200).json["allowed"], json!(true));
    }
    load.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_revocation_reaches_every_node_and_is_final() {
    let fleet = Fleet::of(3).await;
    for round in 0..10 {
        let (id, secret) = make_token(&fleet.nodes[0].owner(), json!({"role": "reader"})).await;
        fleet.settle().await;
        let with_it: Vec<Api> = fleet
            .nodes
            .iter()
            .map(|node| node.anonymous().token(&secret))
            .collect();
        for api in &with_it {
            api.get("/api/v2/caller-identity").await.expect(200);
        }
        let revoking = fleet.nodes[round % 3].owner();
        revoking
            .delete(&format!("/api/v2/tokens/{id}"))
            .await
            .expect(204);
        for (node, api) in with_it.iter().enumerate() {
            let began = Instant::now();
            while api.get("/api/v2/caller-identity").await.status == 200 {
                // How fast it is, is measured in bench/; here it is that it comes by itself.
                assert!(began.elapsed() < Duration::from_secs(30), "node {node}");
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
            api.get("/api/v2/caller-identity").await.expect(401);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_that_is_killed_among_its_writers_loses_and_doubles_nothing() {
    let mut fleet = Fleet::of(3).await;
    let load = Load::start(&fleet.owners(), 24);
    let mut kills = Vec::new();
    for round in 0..3 {
        load.more(150).await;
        kills.push(Instant::now());
        fleet.nodes[round].kill();
        load.more(150).await;
        fleet.nodes[round].start_again_there().await;
    }
    load.more(50).await;
    let written = load.stop().await;
    for kill in kills {
        assert!(written.on_their_way(kill) > 0, "it came among the writers");
    }
    fleet.holds(&written, &fleet.url).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_that_stands_still_in_the_middle_does_not_stop_the_others() {
    let fleet = Fleet::of(2).await;
    let still = &fleet.nodes[0];
    // Its writers keep it in the middle of a batch most of the time.
    let busy = Load::start(&[still.owner()], 16);
    busy.more(100).await;
    still.signal("-STOP");
    let others = Load::start(&[fleet.nodes[1].owner()], 4);
    others.more(50).await;
    others.stop().await;
    still.signal("-CONT");
    busy.more(50).await;
    busy.stop().await;
}
