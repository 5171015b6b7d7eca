//! The view `member_attributes` says what the fold says of each member: the same sets, by the same keys.

use std::collections::{BTreeMap, BTreeSet};

use keyledger_domain::command::{
    ChangeTeamMembers, Command, CreateTeam, DeleteTeam, SetRoleAttributes,
};
use keyledger_domain::ids::{MemberId, TeamId};
use keyledger_domain::policy::RoleAttributes;
use keyledger_domain::state::Member;
use proptest::prelude::*;
use sqlx::Row as _;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{AssertSqlSafe, Connection as _};

use super::harness::Step;
use super::tables::filled;
use super::world::World;

const VIEW: &str = "SELECT v.member_id, v.role_attributes FROM member_attributes AS v \
     JOIN member AS m USING (account_id, member_id) WHERE m.removed_at_ms IS NULL";

type Sets = BTreeMap<String, BTreeSet<String>>;

/// Values by key. A key without values is none: nothing is asked of it.
fn sets(attributes: &RoleAttributes) -> Sets {
    attributes
        .iter()
        .filter(|(_, values)| !values.is_empty())
        .map(|(key, values)| (key.to_owned(), values.iter().cloned().collect()))
        .collect()
}

/// How many members have values, by the view; the rest is compared.
async fn compared(world: &World) -> usize {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("p.db");
    filled(&path, world).await;
    let options = SqliteConnectOptions::new().filename(&path).read_only(true);
    let mut file = SqliteConnection::connect_with(&options).await.unwrap();
    let mut view = BTreeMap::new();
    for row in sqlx::query(AssertSqlSafe(VIEW))
        .fetch_all(&mut file)
        .await
        .unwrap()
    {
        let id: String = row.get(0);
        let lists: RoleAttributes = serde_json::from_str(row.get(1)).unwrap();
        view.insert(id.parse::<MemberId>().unwrap(), sets(&lists));
    }
    let active = world.state.members.values().filter(|one| one.is_active());
    let fold: BTreeMap<MemberId, Sets> = active
        .map(|member: &Member| (member.id, sets(&member.attributes)))
        .collect();
    assert_eq!(view, fold);
    view.values().filter(|sets| !sets.is_empty()).count()
}

fn after(steps: &[Step]) -> World {
    let mut world = World::new();
    for step in steps {
        world.step(*step);
    }
    world
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 48,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn the_view_and_the_fold_say_the_same(steps in prop::collection::vec(any::<Step>(), 1..160)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(compared(&after(&steps)));
    }
}

#[tokio::test]
async fn members_have_values_of_their_teams_and_lose_them_by_leaving() {
    let mut world = World::new();
    let member = world.invite("reader");
    let other = world.invite("reader");
    let owner = world.owner();
    let values = |json: &str| serde_json::from_str::<RoleAttributes>(json).unwrap();
    let team = TeamId::from_bytes([7; 12]);
    for command in [
        Command::SetRoleAttributes(SetRoleAttributes {
            id: member,
            role_attributes: values(r#"{"project":["mine","mine","a"],"empty":[]}"#),
        }),
        Command::CreateTeam(CreateTeam {
            id: team,
            key: "web".to_owned(),
            name: "Web".to_owned(),
            description: String::new(),
            members: vec![member, other],
            roles: Vec::new(),
            grants: Vec::new(),
            role_attributes: values(r#"{"project":["a","b"],"other":["c"]}"#),
        }),
    ] {
        world.give(&owner, &command).unwrap();
    }
    assert_eq!(compared(&world).await, 2);
    let leave = Command::ChangeTeamMembers(ChangeTeamMembers {
        id: team,
        add: Vec::new(),
        remove: vec![other],
        comment: None,
    });
    world.give(&owner, &leave).unwrap();
    assert_eq!(compared(&world).await, 1);
    let delete = Command::DeleteTeam(DeleteTeam { id: team });
    world.give(&owner, &delete).unwrap();
    assert_eq!(compared(&world).await, 1, "the member's own are left");
}
