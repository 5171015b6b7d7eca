INSERT INTO keyledger.pepper_proof (pepper_id, proof) VALUES ($1, $2) ON CONFLICT DO NOTHING
