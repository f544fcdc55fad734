//! What a file that should be a table in CSV is instead, told by its beginning: a workbook, Parquet,
//! UTF-16, columns that are separated by something else.
//! What the columns of a table are called is its reader's to check.

/// What the file is, and the way out; `None` for what may be CSV in UTF-8 with commas.
pub fn foreign(text: &[u8]) -> Option<String> {
    const WORKBOOK: &str = "the file is a spreadsheet's workbook (.xlsx, .ods) or another archive, not \
                            CSV; save the sheet as CSV in UTF-8";
    const UTF_16: &str = "the file is UTF-16 text; save it as CSV in UTF-8";
    match text {
        [b'P', b'K', 3 | 5, 4 | 6, ..] => return Some(WORKBOOK.to_owned()),
        [b'P', b'A', b'R', b'1', ..] => {
            return Some("the file is Parquet, not CSV".to_owned());
        }
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => return Some(UTF_16.to_owned()),
        [0, a, 0, b, ..] | [a, 0, b, 0, ..] if *a > 0 && *b > 0 => {
            return Some(UTF_16.to_owned());
        }
        _ => {}
    }
    let first = text.split(|&byte| byte == b'\n');
    let mut first = first.map(|line| line.strip_suffix(b"\r").unwrap_or(line));
    let first = first.find(|line| !line.is_empty())?;
    let is_of_spreadsheets = |named: &[u8]| named.eq_ignore_ascii_case(b"sep=") && first.len() <= 5;
    if first.get(..4).is_some_and(is_of_spreadsheets) {
        let shown = String::from_utf8_lossy(first);
        return Some(format!(
            "the first line, `{}`, is for spreadsheets and names no columns; save the file without it, \
             with commas",
            shown.escape_debug()
        ));
    }
    if first.contains(&b',') {
        return None;
    }
    let mark = [b';', b'\t', b'|']
        .into_iter()
        .find(|mark| first.contains(mark))?;
    Some(format!(
        "the columns are separated by `{}`; save the file with commas",
        mark.escape_ascii()
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_csv_with_commas_is_told_by_what_it_is() {
        for (text, told) in [
            (&b"PK\x03\x04\x14\x00"[..], "workbook"),
            (b"PAR1\x15\x04", "is Parquet"),
            (b"\xff\xfea\0,\0", "UTF-16"),
            (b"a\0,\0b\0", "UTF-16"),
            (b"\0a\0,\0b", "UTF-16"),
            (b"sep=,\r\na,b\r\n", "the first line, `sep=,`"),
            (b"SEP=;\na;b\n", "the first line, `SEP=;`"),
            (b"\r\nround;at_utc\r\n", "separated by `;`"),
            (b"round\tat_utc\n1,2\t3\n", "separated by `\\t`"),
        ] {
            let message = foreign(text).unwrap_or_default();
            assert!(message.contains(told), "{told}: {message}");
        }
    }

    #[test]
    fn what_may_be_csv_is_read_as_such() {
        for text in [
            "",
            "\n",
            "a",
            "PKW,a\n",
            "a,b;c\n",
            "a\n1;2\n",
            "séparé,é\n",
            "\u{e9}\u{e9}\n",
        ] {
            assert_eq!(foreign(text.as_bytes()), None, "{text:?}");
        }
    }
}
