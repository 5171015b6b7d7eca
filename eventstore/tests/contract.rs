//! What every engine of the log must do, and what each does beside it.
//!
//! A case takes a fresh, empty log; an engine joins by a line in `contract!`.

#[cfg(test)]
mod contract {
    mod append;
    mod chain;
    mod claims;
    mod limits;
    mod postgres;
    mod reads;
    mod receipts;
    mod sqlite;
    mod support;
    mod writer;
    mod writer_faults;

    /// Runs every case of the suite as a test of its own against one engine.
    macro_rules! contract {
        ($engine:ident: $open:path => $($file:ident { $($case:ident),* $(,)? })*) => {
            mod $engine {
                $(mod $file {
                    $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                    async fn $case() {
                        let store = $open().await;
                        super::super::$file::$case(store.log()).await;
                    })*
                })*
            }
        };
    }

    /// The cases, for each engine.
    macro_rules! on_engines {
        ($($engine:ident: $open:path),* $(,)?) => {
            $(contract! { $engine: $open =>
                append {
                    an_empty_log_has_the_genesis_head,
                    events_get_dense_positions_versions_and_a_chain,
                    a_conflict_does_not_fail_its_neighbours,
                    a_request_sees_those_before_it,
                    preconditions_cover_streams_that_are_only_read,
                    a_refused_request_leaves_nothing_behind,
                    time_never_goes_back,
                    the_same_events_again_are_found,
                    an_event_id_is_accepted_once,
                    many_rows_go_into_one_transaction,
                }
                claims {
                    a_key_is_taken_and_released,
                    a_held_key_refuses_another_stream,
                    only_the_holder_releases,
                    claims_hold_inside_one_batch,
                    claims_of_one_request_apply_in_order,
                }
                receipts {
                    a_repetition_gets_the_first_answer,
                    another_request_under_the_key_is_refused,
                    receipts_hold_inside_one_batch,
                    a_refused_request_leaves_its_key_free,
                    keys_are_of_an_account,
                }
                reads {
                    pages_follow_each_other,
                    what_is_at_hand_is_what_would_be_read,
                    a_range_includes_both_ends,
                    a_stream_is_read_up_to_a_position,
                    the_ground_is_read_in_the_order_of_the_log,
                    a_time_is_a_position,
                    stream_heads_come_in_order,
                }
                limits {
                    a_malformed_request_is_refused_alone,
                    a_batch_has_a_limit,
                    what_is_just_within_the_limits_is_stored,
                }
                writer {
                    sixteen_writers_get_dense_positions,
                    the_head_is_published_before_the_answer,
                    closing_writes_what_was_queued,
                    a_refusal_reaches_its_own_caller,
                    a_log_that_is_being_written_is_found_right,
                    a_busy_queue_does_not_keep_the_writer_from_closing,
                }
                writer_faults {
                    a_lost_reply_is_settled_by_the_event_ids,
                    a_lost_reply_with_a_receipt_is_no_replay,
                    a_busy_log_is_tried_again,
                    a_log_that_stays_away_is_reported,
                    an_outcome_that_cannot_be_settled_is_unknown,
                    damage_stops_the_writer,
                    a_full_queue_answers_at_once,
                }
            })*
        };
    }

    on_engines! {
        on_memory: super::super::support::Memory::new,
        on_sqlite: super::super::sqlite::Store::new,
        on_postgres: super::super::postgres::Store::new,
        on_postgres_behind_a_pooler: super::super::postgres::Store::behind_a_pooler,
    }
}
