//! Reads the table.

/// The callers, in the order of the columns.
pub(crate) const CALLERS: [&str; 7] = [
    "owner",
    "admin",
    "writer",
    "reader",
    "no_access",
    "only",
    "but",
];

/// One operation with what it needs and who may do it.
pub(crate) struct Row {
    pub(crate) operation: String,
    /// `action on resource`, the first one being what `but` lacks.
    pub(crate) needs: Vec<(String, String)>,
    pub(crate) cells: Vec<String>,
}

pub(crate) fn rows() -> Vec<Row> {
    let mut lines = include_str!("table.tsv")
        .lines()
        .filter(|line| !line.starts_with('#'));
    let head: Vec<&str> = lines.next().expect("a head").split('\t').collect();
    assert_eq!(head[..2], ["operation", "needs"]);
    assert_eq!(head[2..], CALLERS);
    lines.map(row).collect()
}

fn row(line: &str) -> Row {
    let mut columns = line.split('\t');
    let operation = columns.next().expect("an operation").to_owned();
    let needs = match columns.next().expect("a permission") {
        "-" => Vec::new(),
        needs => needs.split(", ").map(need).collect(),
    };
    let cells: Vec<String> = columns.map(str::to_owned).collect();
    assert_eq!(cells.len(), CALLERS.len(), "{operation}");
    for cell in &cells {
        let places: Vec<char> = cell.chars().collect();
        let fits = places.len() == 3
            && places.iter().zip("spt".chars()).all(|(found, letter)| {
                *found == letter || *found == '-' || (*found == '.' && letter == 't')
            });
        assert!(fits, "{operation}: {cell:?}");
    }
    Row {
        operation,
        needs,
        cells,
    }
}

fn need(text: &str) -> (String, String) {
    let (action, resource) = text.split_once(" on ").expect("action on resource");
    (action.to_owned(), resource.to_owned())
}
