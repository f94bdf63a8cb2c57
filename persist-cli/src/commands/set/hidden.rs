//! A line that a person types at a terminal, and nobody sees.
//!
//! The terminal gives every key as it comes, its signals, too: one of them would end the process while nothing that is typed is shown,
//! and the shell after it would be typed into blindly. Nor does it end a long line where its own editing would (4,095 bytes on Linux).

/// What came of asking.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// What was typed, without the end of its line.
    Line(String),
    /// Ctrl-C, by whatever key it is.
    #[cfg_attr(windows, allow(dead_code, reason = "there it has ended the process"))]
    Interrupted,
    /// More than was to be read.
    TooLong,
    /// Keys that write no text, such as arrows.
    NoText,
}

#[cfg(unix)]
pub(super) use unix::ask;

/// Asks for a line of at most `most` bytes. Whoever interrupts it ends the process, as Windows has it.
#[cfg(windows)]
pub(super) fn ask(prompt: &str, most: usize) -> std::io::Result<Answer> {
    let terminal = console::Term::stderr();
    terminal.write_str(prompt)?;
    let line = terminal.read_secure_line()?;
    Ok(match line.len() > most {
        true => Answer::TooLong,
        false => answer(line.into_bytes()),
    })
}

/// What was typed, if that is text.
fn answer(line: Vec<u8>) -> Answer {
    match String::from_utf8(line) {
        Ok(line) if !line.contains(|c: char| c.is_control() && c != '\t') => Answer::Line(line),
        _ => Answer::NoText,
    }
}

#[cfg(unix)]
mod unix {
    use std::io::{self, Write as _};
    use std::os::fd::{AsFd as _, BorrowedFd};

    use rustix::process::{Signal, getpid, kill_process};
    use rustix::termios::{
        LocalModes, OptionalActions, SpecialCodeIndex, Termios, tcgetattr, tcsetattr,
    };

    use super::{Answer, answer};

    /// Asks for a line of at most `most` bytes on standard error, which is read from standard input; both are terminals.
    ///
    /// Whoever interrupts it ends the process, as ever, but with the terminal as it was.
    pub(in super::super) fn ask(prompt: &str, most: usize) -> io::Result<Answer> {
        let stdin = io::stdin();
        let mut stderr = io::stderr();
        let hidden = Hidden::begin(stdin.as_fd())?;
        stderr.write_all(prompt.as_bytes())?;
        let answer = line(stdin.as_fd(), Keys::of(&hidden.before), most);
        drop(hidden);
        stderr.write_all(b"\n")?;
        if matches!(answer, Ok(Answer::Interrupted)) {
            kill_process(getpid(), Signal::INT)?;
        }
        answer
    }

    /// A terminal that shows nothing of what is typed, as long as this lives; what was typed before is dropped, as is what comes after the line.
    struct Hidden<'t> {
        terminal: BorrowedFd<'t>,
        before: Termios,
    }

    impl<'t> Hidden<'t> {
        fn begin(terminal: BorrowedFd<'t>) -> io::Result<Hidden<'t>> {
            let before = tcgetattr(terminal)?;
            let mut modes = before.clone();
            modes.local_modes -= LocalModes::ECHO
                | LocalModes::ECHONL
                | LocalModes::ICANON
                | LocalModes::ISIG
                | LocalModes::IEXTEN;
            modes.special_codes[SpecialCodeIndex::VMIN] = 1;
            modes.special_codes[SpecialCodeIndex::VTIME] = 0;
            tcsetattr(terminal, OptionalActions::Flush, &modes)?;
            Ok(Hidden { terminal, before })
        }
    }

    impl Drop for Hidden<'_> {
        fn drop(&mut self) {
            // A terminal that is gone needs nothing.
            tcsetattr(self.terminal, OptionalActions::Flush, &self.before).ok();
        }
    }

    fn line(terminal: BorrowedFd<'_>, keys: Keys, most: usize) -> io::Result<Answer> {
        let mut line = Line::new(keys, most);
        let mut bytes = [0; 1024];
        loop {
            let len = match rustix::io::read(terminal, &mut bytes) {
                Err(rustix::io::Errno::INTR) => continue,
                other => other?,
            };
            if len == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            if let Some(answer) = bytes[..len].iter().find_map(|byte| line.take(*byte)) {
                return Ok(answer);
            }
        }
    }

    /// The keys that mean something, as the terminal's owner has set them; none is `None`.
    #[derive(Clone, Copy, Debug, Default)]
    struct Keys {
        interrupt: Option<u8>,
        quit: Option<u8>,
        erase: Option<u8>,
        kill: Option<u8>,
        end: Option<u8>,
    }

    impl Keys {
        fn of(modes: &Termios) -> Keys {
            let key = |index| {
                let code = modes.special_codes[index];
                // Both stand for none: `_POSIX_VDISABLE` of Linux, and of the BSDs.
                (code != 0 && code != 0xFF).then_some(code)
            };
            Keys {
                interrupt: key(SpecialCodeIndex::VINTR),
                quit: key(SpecialCodeIndex::VQUIT),
                erase: key(SpecialCodeIndex::VERASE),
                kill: key(SpecialCodeIndex::VKILL),
                end: key(SpecialCodeIndex::VEOF),
            }
        }
    }

    /// A line as it is typed.
    #[derive(Debug)]
    struct Line {
        keys: Keys,
        most: usize,
        typed: Vec<u8>,
        /// Whether the last key was that of the end, on a line that has begun: twice it ends the input, as everywhere.
        is_ending: bool,
    }

    impl Line {
        fn new(keys: Keys, most: usize) -> Line {
            Line {
                keys,
                most,
                typed: Vec::new(),
                is_ending: false,
            }
        }

        /// What has come of it with this key; `None` while it goes on.
        fn take(&mut self, byte: u8) -> Option<Answer> {
            let (is, keys) = (Some(byte), self.keys);
            if is == keys.interrupt || is == keys.quit {
                return Some(Answer::Interrupted);
            }
            let is_end = is == keys.end;
            let was_ending = std::mem::replace(&mut self.is_ending, is_end);
            let ends = is_end && (was_ending || self.typed.is_empty());
            if ends || matches!(byte, b'\n' | b'\r') {
                return Some(answer(std::mem::take(&mut self.typed)));
            }
            if is == keys.erase || matches!(byte, 0x08 | 0x7F) {
                self.erase();
            } else if is == keys.kill {
                self.typed.clear();
            } else if !is_end {
                self.typed.push(byte);
            }
            (self.typed.len() > self.most).then_some(Answer::TooLong)
        }

        /// Takes the last character away.
        fn erase(&mut self) {
            while self.typed.pop().is_some_and(|byte| byte & 0xC0 == 0x80) {}
        }
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn a_line_ends_as_it_is_typed() {
            let keys = Keys {
                interrupt: Some(3),
                quit: Some(28),
                erase: Some(0x7F),
                kill: Some(0x15),
                end: Some(4),
            };
            let check = |typed: &str, expected: Option<Answer>| {
                let mut line = Line::new(keys, 8);
                let answer = typed.bytes().find_map(|byte| line.take(byte));
                assert_eq!(answer, expected, "{typed:?}");
            };
            let line = |text: &str| Some(Answer::Line(text.to_owned()));
            check("secret\n", line("secret"));
            check("secret\r", line("secret"));
            check("secret", None);
            check("a\tb c\n", line("a\tb c"));
            check("\n", line(""));
            check("\u{4}", line(""));
            check("a\u{4}b\n", line("ab"));
            check("ab\u{4}\u{4}", line("ab"));
            check("a\u{4}b\u{4}", None);
            check("ax\u{7f}b\n", line("ab"));
            check("aé\u{8}b\n", line("ab"));
            check("\u{7f}\u{7f}a\n", line("a"));
            check("wrong\u{15}right\n", line("right"));
            check("se\u{3}cret\n", Some(Answer::Interrupted));
            check("se\u{1c}cret\n", Some(Answer::Interrupted));
            check("12345678\n", line("12345678"));
            check("123456789", Some(Answer::TooLong));
            check("a\u{1b}[D\n", Some(Answer::NoText));
            check("a\u{1a}\n", Some(Answer::NoText));
            let mut none = Line::new(Keys::default(), 8);
            assert_eq!(none.take(0), None, "no key is none that was switched off");
        }

        #[test]
        fn what_is_no_utf_8_is_no_text() {
            assert_eq!(answer(vec![b'a', 0xFF]), Answer::NoText);
        }
    }
}
