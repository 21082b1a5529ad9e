//! What goes over the wire, and what comes of the answers.
