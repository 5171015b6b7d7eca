//! `POST /api/v2/auditlog/counts`.

use serde_json::json;

use super::busy;
use crate::support::in_seconds;

#[tokio::test]
async fn entries_are_counted_in_stretches_of_equal_length() {
    let (_server, owner) = busy().await;
    let (from, to) = (in_seconds(-50), in_seconds(50));
    let path = format!("/api/v2/auditlog/counts?after={from}&before={to}&buckets=10");
    let counted = owner.post(&path, &json!([])).await.expect(200);
    let buckets = counted.json["buckets"].as_array().unwrap();
    assert_eq!(buckets.len(), 10);
    assert_eq!(counted.integer("/bucketIntervalMs"), 10_000);
    assert_eq!(counted.integer("/buckets/0/timestamp"), from);
    assert_eq!(counted.integer("/buckets/9/timestamp"), from + 90_000);
    let sum: i64 = buckets
        .iter()
        .map(|bucket| bucket["count"].as_i64().unwrap())
        .sum();
    assert_eq!((sum, counted.integer("/totalCount")), (8, 8));
    let policy = json!([{"effect": "allow", "resources": ["role/*"], "actions": ["*"]}]);
    let roles = owner.post(&path, &policy).await.expect(200);
    assert_eq!(roles.integer("/totalCount"), 2);
    let default = format!("/api/v2/auditlog/counts?after={from}");
    let counted = owner.post(&default, &json!([])).await.expect(200);
    assert_eq!(counted.json["buckets"].as_array().unwrap().len(), 50);
    assert_eq!(counted.integer("/totalCount"), 8);
}

#[tokio::test]
async fn a_count_that_makes_no_sense_is_refused() {
    let (_server, owner) = busy().await;
    for (query, message) in [
        ("", "after"),
        ("after=5&before=5", "after: is a time before"),
        ("after=-5", "after: is a time before"),
        ("after=0&buckets=0", "buckets: is 1 to 500"),
        ("after=0&buckets=501", "buckets: is 1 to 500"),
        ("after=9223372036854775807", "after"),
    ] {
        owner
            .post(&format!("/api/v2/auditlog/counts?{query}"), &json!([]))
            .await
            .expect_error(400, "invalid_request", message);
    }
    owner
        .post_nothing("/api/v2/auditlog/counts?after=0")
        .await
        .expect_error(415, "invalid_request", "application/json");
}

#[tokio::test]
async fn a_short_time_and_the_end_of_all_times_are_counted() {
    let (_server, owner) = busy().await;
    for (after, before, buckets, expected) in [
        (0, 3, 50, 3),
        (0, 1, 1, 1),
        (i64::MAX - 7, i64::MAX, 500, 7),
        (0, i64::MAX, 500, 500),
    ] {
        let path =
            format!("/api/v2/auditlog/counts?after={after}&before={before}&buckets={buckets}");
        let counted = owner.post(&path, &json!([])).await.expect(200);
        let found = counted.json["buckets"].as_array().unwrap();
        assert_eq!(found.len(), expected, "{path}");
        for bucket in found {
            let timestamp = bucket["timestamp"].as_i64().unwrap();
            assert!((after..before).contains(&timestamp), "{path}: {bucket}");
        }
        let all = if before == i64::MAX && after == 0 {
            8
        } else {
            0
        };
        assert_eq!(counted.integer("/totalCount"), all, "{path}");
    }
}

#[tokio::test]
async fn bounds_of_a_count_are_exclusive() {
    let (_server, owner) = busy().await;
    let page = owner.get("/api/v2/auditlog?limit=20").await.expect(200);
    let date = page.integer("/items/0/date");
    let items = page.json["items"].as_array().unwrap();
    let same = items.iter().filter(|item| item["date"] == date).count();
    let count = async |after: i64, before: i64| {
        let path = format!("/api/v2/auditlog/counts?after={after}&before={before}");
        let counted = owner.post(&path, &json!([])).await.expect(200);
        usize::try_from(counted.integer("/totalCount")).unwrap()
    };
    assert_eq!(count(date - 1, date + 1).await, same);
    assert_eq!(count(date, date + 1).await, 0);
    assert_eq!(count(0, date).await, 8 - same);
}
