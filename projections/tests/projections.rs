//! The projections against the domain's own fold, and against each other.

#[cfg(test)]
mod projections {
    mod accounts;
    mod at_hand;
    mod audit;
    mod coverage;
    mod cut_short;
    mod dump;
    mod follower;
    mod harness;
    mod history;
    mod member_attributes;
    mod memory_log;
    mod past;
    mod properties;
    mod rebuild;
    mod rebuilt;
    mod roll;
    mod secrets;
    mod shared;
    mod simulation;
    mod snapshot;
    mod tables;
    mod world;
}
