DELETE FROM keyledger.session WHERE digest = $1
