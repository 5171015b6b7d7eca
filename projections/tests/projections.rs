//! The projections against the domain's own fold, and against each other.

mod projections {
    mod accounts;
    mod answers;
    mod follower;
    mod harness;
    mod memory_log;
    mod properties;
    mod rebuilt;
    mod secrets;
    mod tables;
    mod world;
}
