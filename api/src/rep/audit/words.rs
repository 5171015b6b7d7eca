//! What happened, in words.

/// The verb of an event, as it stands between who did it and what to.
pub(super) fn verb(event_type: &str) -> &'static str {
    match event_type {
        "account.created" => "created the account",
        "account.plan_changed" => "changed the plan of the account",
        "member.invited" => "invited the member",
        "member.downgraded" => "lowered the role of the member",
        "member.promoted" => "raised the role of the member",
        "member.roles_assigned" => "changed the custom roles of the member",
        "member.role_attributes_set" => "changed the role attributes of the member",
        "member.invitation_issued" => "made an invitation link for the member",
        "member.joined" => "joined as the member",
        "member.admitted" => "joined, by signing in without a password, as the member",
        "member.removed" => "removed the member",
        "member.erased" => "erased the personal data of the member",
        "role.created" => "created the custom role",
        "role.updated" => "updated the custom role",
        "role.deleted" => "deleted the custom role",
        "team.created" => "created the team",
        "team.updated" => "updated the team",
        "team.members_changed" => "changed the members of the team",
        "team.roles_changed" => "changed the custom roles of the team",
        "team.grants_changed" => "changed the permission grants of the team",
        "team.deleted" => "deleted the team",
        "token.created" => "created the access token",
        "token.reset" => "reset the access token",
        "token.updated" => "updated the access token",
        "token.deleted" => "deleted the access token",
        _ => "changed",
    }
}

/// A text in Markdown that means nothing but itself.
pub(super) fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\\' | '`' | '*' | '_' | '{' | '}' | '[' | ']' | '(' | ')' | '#' | '!' | '|' | '~' => {
                escaped.push('\\');
                escaped.push(c);
            }
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '&' => escaped.push_str("&amp;"),
            '\n' | '\t' => escaped.push(' '),
            _ => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;
    use keyledger_domain::event::Event;

    #[test]
    fn every_event_has_its_words() {
        for (name, _) in Event::READABLE {
            assert_ne!(verb(name), "changed", "{name}");
        }
    }

    #[test]
    fn a_hostile_name_makes_no_markdown() {
        let name = escaped("[x](javascript:alert(1)) <script> `a`");
        assert_eq!(
            name,
            "\\[x\\]\\(javascript:alert\\(1\\)\\) &lt;script&gt; \\`a\\`"
        );
    }
}
