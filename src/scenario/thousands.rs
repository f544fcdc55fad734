//! Numbers with commas between their thousands, which TOML does not know: what to write instead.
//! That something is wrong with the line is TOML's finding.

/// Longest line that is looked at, in bytes.
const LONGEST: usize = 1_000;

/// What to write instead of the first number like `3,000` of a line, outside text, remarks and
/// lists.
pub(super) fn advice(line: &str) -> Option<String> {
    if line.len() > LONGEST {
        return None;
    }
    let bytes = line.as_bytes();
    let (mut at, mut depth, mut quote) = (0, 0, None);
    while at < bytes.len() {
        let byte = bytes[at];
        match (quote, byte) {
            (Some(open), _) if byte == open => quote = None,
            (Some(_), _) => {}
            (None, b'"' | b'\'') => quote = Some(byte),
            (None, b'#') => return None,
            (None, b'[') => depth += 1,
            (None, b']') => depth -= 1,
            (None, b'0'..=b'9') => {
                let end = end_of_number(bytes, at);
                let written = &line[at..end];
                if depth == 0 && is_grouped(written) {
                    let plain = written.replace(',', "");
                    let grouped = written.replace(',', "_");
                    return Some(format!("write {plain} or {grouped}"));
                }
                at = end;
                continue;
            }
            _ => {}
        }
        at += 1;
    }
    None
}

/// The number with commas between its thousands that a text begins with.
pub(super) fn grouped_number(text: &str) -> Option<&str> {
    let beginning = &text.as_bytes()[..text.len().min(LONGEST)];
    let is_number = beginning.first().is_some_and(u8::is_ascii_digit);
    let written = is_number.then(|| &text[..end_of_number(beginning, 0)])?;
    is_grouped(written).then_some(written)
}

/// What to write instead of the first number with commas between its thousands that stands in a list
/// taken apart at its commas. Only groups that begin with 0 are seen: `3,500` may be two values.
pub(super) fn advice_for(parts: &[&str]) -> Option<String> {
    let is_group = |part: &&str| part.len() == 3 && part.bytes().all(|byte| byte.is_ascii_digit());
    let at = parts
        .iter()
        .position(|part| is_group(part) && part.starts_with('0'))?;
    let end = at + parts[at..].iter().take_while(|part| is_group(part)).count();
    let written = (0..at)
        .filter(|&start| !parts[start].starts_with('0'))
        .map(|start| parts[start..end].join(","))
        .find(|written| is_grouped(written))?;
    advice(&written)
}

/// Where a word of digits, letters and commas between digits ends.
fn end_of_number(bytes: &[u8], from: usize) -> usize {
    let is_digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
    let goes_on = |at: usize| match bytes.get(at) {
        Some(b',') => is_digit(at - 1) && is_digit(at + 1),
        Some(byte) => byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-' | b':'),
        None => false,
    };
    let mut end = from + 1;
    while goes_on(end) {
        end += 1;
    }
    end
}

/// Whether it is one to three digits and groups of three behind commas.
fn is_grouped(written: &str) -> bool {
    let mut groups = written.split(',');
    let first = groups.next().unwrap_or_default();
    let digits = |group: &str| group.bytes().all(|byte| byte.is_ascii_digit());
    let mut others = groups.peekable();
    (1..=3).contains(&first.len())
        && digits(first)
        && others.peek().is_some()
        && others.all(|group| group.len() == 3 && digits(group))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_of_values_is_no_number_unless_a_group_begins_with_0() {
        let told = |text: &str| advice_for(&text.split(',').collect::<Vec<_>>());
        for (text, advice) in [
            ("3,000", "write 3000 or 3_000"),
            ("500,3,000", "write 3000 or 3_000"),
            ("1,200,000", "write 1200000 or 1_200_000"),
            ("2,000,3,000", "write 2000 or 2_000"),
            ("12,050", "write 12050 or 12_050"),
        ] {
            assert_eq!(told(text).as_deref(), Some(advice), "{text}");
        }
        for text in [
            "100,200,300",
            "50,500",
            "3",
            "0,15",
            "000",
            "a,000",
            "1000,000",
            "0,050",
            "",
        ] {
            assert_eq!(told(text), None, "{text}");
        }
    }

    #[test]
    fn a_number_with_commas_is_told_without_them() {
        for (line, told) in [
            ("invitations = 3,000", "write 3000 or 3_000"),
            ("size = 1,200,000 # people", "write 1200000 or 1_200_000"),
            (
                "pool = { as_of = 2023-07-04, size = 20,000 }",
                "write 20000 or 20_000",
            ),
            ("bands = { \"501-600\" = 7,260 }", "write 7260 or 7_260"),
        ] {
            assert_eq!(advice(line).as_deref(), Some(told), "{line}");
        }
        for line in [
            "title = \"3,000\"",
            "# 3,000",
            "weekdays = [1,200,300]",
            "a = 3,00",
            "a = 3_000,000",
            "a = 2023-07-04,200",
            "é = 3, 000",
            "",
        ] {
            assert_eq!(advice(line), None, "{line}");
        }
    }
}
