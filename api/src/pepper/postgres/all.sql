SELECT pepper_id, proof FROM keyledger.pepper_proof
