//! What docs/MARKUP.md says, and that nothing else happens to what somebody wrote.

use proptest::prelude::*;

use super::*;

/// Pieces with their looks in front: `b[bold]`.
fn say(pieces: &[Piece]) -> String {
    let one = |p: &Piece| {
        let marks = [(p.bold, "b"), (p.italic, "i"), (p.strike, "s"), (p.code, "c"), (p.link.is_some(), "l")];
        let marks: String = marks.into_iter().filter_map(|(on, mark)| on.then_some(mark)).collect();
        if marks.is_empty() { p.text.to_string() } else { format!("{marks}[{}]", p.text) }
    };
    pieces.iter().map(one).collect()
}

fn texts(body: &str) -> Vec<String> {
    read(body, &[])
        .into_iter()
        .map(|block| match block {
            Block::Text(pieces) => say(&pieces),
            Block::Quote(pieces) => format!("> {}", say(&pieces)),
            Block::Item { depth, marker, pieces } => {
                format!("{}{marker} {}", " ".repeat(depth), say(&pieces))
            }
            Block::Code { language, text } => format!("code {language}: {text}"),
        })
        .collect()
}

/// It is shown as it was typed.
fn assert_stays(body: &str) {
    assert_eq!(texts(body), [body]);
}

#[test]
fn styles_are_read() {
    assert_eq!(
        texts("**bold** *italic* _too_ ~~gone~~ `code`"),
        ["b[bold] i[italic] i[too] s[gone] c[code]"]
    );
    assert_eq!(texts("***both*** **bold *and italic* too**"), ["bi[both] b[bold ]bi[and italic]b[ too]"]);
    assert_eq!(texts("(*a*), «**b**»: _c_!"), ["(i[a]), «b[b]»: i[c]!"]);
    assert_eq!(texts("``a `b` c``"), ["c[a `b` c]"]);
    assert_eq!(texts("**see https://e.org/a_b_ now**"), ["b[see ]bl[https://e.org/a_b_]b[ now]"]);
    assert_eq!(texts("**https://e.org**"), ["bl[https://e.org]"]);
}

#[test]
fn text_loses_no_character() {
    for body in [
        "q*7*z",
        "__init__.py",
        r"\\server\share",
        r"C:\a\*.txt",
        r"¯\_(ツ)_/¯",
        "&lt; &amp; &#x202e; &#27;",
        ">_<",
        "2 * 3 * 4 = 24, снейк_кейс_имя",
        "# not a heading",
        "***",
        "**",
        "* * *",
        "<b>hi</b>",
        "[here](https",
        "a *b",
        "a* b*",
        "*.rs and *.toml",
        "~user/ ~5 ~~",
        "a ``` in a line",
        "-5 degrees",
        "3.14",
        ">quote",
        "_",
        "    four spaces",
        r"1\. \*not\*",
    ] {
        assert_stays(body);
    }
    assert_eq!(
        texts("[here](https://e.org)"),
        ["[here](l[https://e.org])"],
        "no address is hidden behind words"
    );
}

#[test]
fn numbers_and_signs_of_lists_stay_as_they_were_typed() {
    assert_eq!(texts("- 5 degrees"), ["- 5 degrees"]);
    assert_eq!(texts("3. cut\n7. drill"), ["3. cut", "7. drill"]);
    assert_eq!(texts("1) x\n* y\n• z"), ["1) x", "* y", "• z"]);
    assert_eq!(texts("plan:\n1. one\n  - **deep**\nafter"), ["plan:", "1. one", " - b[deep]", "after"]);
    assert_eq!(texts("- "), ["- "]);
}

#[test]
fn quotes_and_code_are_blocks() {
    assert_eq!(texts("> said\n> *twice*\n>\n\nanswer"), ["> said\ni[twice]\n", "answer"]);
    assert_eq!(texts("> > deep"), ["> > deep"]);
    assert_eq!(
        texts("```rust\nlet x = *p;\n\n\tend\n```\nafter"),
        ["code rust: let x = *p;\n\n    end", "after"]
    );
    assert_eq!(texts("~~~rust fn main"), ["code rust: fn main"]);
    assert_eq!(texts("```sh ls\ncd ..\n```"), ["code sh: ls\ncd .."]);
    assert_eq!(texts("```\nnever closed\n> x"), ["code : never closed\n> x"]);
    assert_eq!(texts("````\n```\n````"), ["code : ```"]);
    assert_eq!(texts("```\n```"), ["code : "]);
}

#[test]
fn lines_stay_lines() {
    assert_stays("one\ntwo");
    assert_stays("one\n\n\n\ntwo");
    assert_stays("  indented\n    more");
    assert_eq!(texts("*one\ntwo*"), ["*one\ntwo*"], "a style ends with its line");
}

#[test]
fn where_program_text_stands_is_known_with_its_marks() {
    let body = "a `b` c\n```\nd\n```\n- `e`";
    let found: Vec<&str> = code(body).into_iter().map(|range| &body[range]).collect();
    assert_eq!(found, ["`b`", "```\nd\n```", "`e`"]);
}

#[test]
fn a_preview_is_one_line_as_it_is_shown() {
    assert_eq!(plain("**План**, коротко:\n1. таймаут\n\n> цитата"), "План, коротко: 1. таймаут цитата");
}

#[test]
fn of_many_blocks_none_is_lost() {
    let body = "- x\n".repeat(10_000);
    let blocks = read(&body, &[]);
    assert_eq!(blocks.len(), MOST_BLOCKS + 1);
    let lines: usize = texts(&body).iter().map(|text| text.matches('x').count()).sum();
    assert_eq!(lines, 10_000);
}

#[test]
fn marks_without_end_are_read_in_no_time() {
    // Quadratic work on any of these would take minutes.
    for mark in ["*", "**", "_", "~~", "`", "``", "*a ", "_a ", "**a ", "[", "(", "@", "https://", "> ", "- "]
    {
        assert!(!read(&mark.repeat(400_000 / mark.len()), &[]).is_empty());
    }
}

/// What is shown, without the space between blocks.
fn shown_characters(body: &str) -> String {
    texts_of(body).chars().filter(|c| !c.is_whitespace()).collect()
}

fn texts_of(body: &str) -> String {
    read(body, &[])
        .into_iter()
        .map(|block| match block {
            Block::Text(pieces) | Block::Quote(pieces) => {
                pieces.into_iter().map(|p| p.text.to_string()).collect::<String>()
            }
            Block::Item { marker, pieces, .. } => {
                marker.to_string() + &pieces.into_iter().map(|p| p.text.to_string()).collect::<String>()
            }
            Block::Code { language, text } => language.to_string() + &text,
        })
        .collect()
}

/// Whether `shown` is `typed` without some of the grammar's marks.
fn lacks_only_marks(typed: &str, shown: &str) -> bool {
    let mut rest = shown.chars().peekable();
    for c in typed.chars().filter(|c| !c.is_whitespace()) {
        if rest.peek() == Some(&c) {
            rest.next();
        } else if !"*_~`>".contains(c) {
            return false;
        }
    }
    rest.peek().is_none()
}

proptest! {
    #[test]
    fn nothing_is_shown_that_was_not_typed_and_only_marks_are_taken_away(
        body in "[a-zа-я0-9*_~`>#&;\\\\\\[\\]().:/@ \n\t-]{0,120}",
    ) {
        prop_assert!(lacks_only_marks(&body, &shown_characters(&body)), "{:?}", texts(&body));
    }

    #[test]
    fn whatever_is_taken_away_is_seen_as_a_style(body in "[ab*_~` \n>]{0,40}") {
        let is_plain = |piece: &Piece| *piece == Piece { text: piece.text.clone(), ..Piece::default() };
        let unstyled = read(&body, &[]).iter().all(|block| matches!(block, Block::Text(pieces) if pieces.iter().all(is_plain)));
        let typed: String = body.chars().filter(|c| !c.is_whitespace()).collect();
        prop_assert!(!unstyled || shown_characters(&body) == typed, "{:?}", texts(&body));
    }

    #[test]
    fn whatever_is_written_is_read(body in "\\PC{0,200}") {
        prop_assert!(!read(&body, &[]).is_empty());
    }
}

mod mentions {
    use super::*;

    fn people() -> Vec<Mentionable> {
        ["@Anna", "@Anna-Maria", "@Ёлка", "@Alex·7B2A", "@Alex·0102"]
            .into_iter()
            .zip(1..)
            .map(|(name, n)| Mentionable { name: name.to_owned(), person: PersonKey([n; 32]) })
            .collect()
    }

    fn who(body: &str) -> Vec<u8> {
        mentioned(body, &people()).into_iter().map(|person| person.0[0]).collect()
    }

    #[test]
    fn the_longest_name_at_a_word_in_any_case_and_not_in_code() {
        assert_eq!(who("@Anna-Maria, hi"), [2]);
        assert_eq!(who("@anna! @ANNA"), [1]);
        assert_eq!(who("@ёлка и **@Anna**"), [3, 1]);
        assert_eq!(who("(@Anna) «@anna»"), [1]);
        assert_eq!(who("@Alex·7B2A and @alex·0102"), [4, 5]);
        for nobody in [
            "bob@Anna.example",
            "@Annabel",
            "@Anna-Marie",
            "`@Anna`",
            "```\n@Anna\n```",
            "https://x.org/@Anna",
        ] {
            assert_eq!(who(nobody), [0; 0], "{nobody}");
        }
        assert_eq!(who("> @Anna\n- @Ёлка"), [1, 3]);
    }
}
