package mailbox

import (
	"bytes"
	"encoding/base64"
	"strings"
)

// decodeTransfer undoes the transfer encoding of a part (RFC 2045 section 6). What is broken is read as far as it makes sense; an
// encoding that nobody knows is none.
func decodeTransfer(b []byte, encoding string) []byte {
	switch strings.ToLower(strings.TrimSpace(encoding)) {
	case "base64":
		return decodeBase64(b)
	case "quoted-printable":
		return decodeQuoted(b)
	}
	return b
}

// decodeBase64 passes over what is no base64 and takes what is padded in the middle for several texts.
func decodeBase64(b []byte) []byte {
	out := make([]byte, 0, len(b)*3/4)
	var group [4]byte
	n := 0
	flush := func() {
		var decoded [3]byte
		if size, err := base64.RawStdEncoding.Decode(decoded[:], group[:n]); err == nil {
			out = append(out, decoded[:size]...)
		}
		n = 0
	}
	for _, c := range b {
		switch {
		case 'A' <= c && c <= 'Z', 'a' <= c && c <= 'z', '0' <= c && c <= '9', c == '+', c == '/':
			group[n] = c
			if n++; n == len(group) {
				flush()
			}
		case c == '=':
			flush()
		}
	}
	flush()
	return out
}

// decodeQuoted leaves a = that begins nothing as it is.
func decodeQuoted(b []byte) []byte {
	out := make([]byte, 0, len(b))
	for len(b) > 0 {
		i := bytes.IndexAny(b, "=\n")
		if i < 0 {
			return append(out, b...)
		}
		if b[i] == '\n' { // white space before the end of a line is not the author's
			out = append(append(out, bytes.TrimRight(b[:i], " \t\r")...), '\n')
			b = b[i+1:]
			continue
		}
		out = append(out, b[:i]...)
		b = b[i+1:]
		if len(b) >= 2 {
			high, low := unhex(b[0]), unhex(b[1])
			if high < 16 && low < 16 {
				out, b = append(out, high<<4|low), b[2:]
				continue
			}
		}
		line, rest := cutLine(b)
		if len(bytes.TrimRight(line, " \t")) == 0 { // a soft line break
			b = rest
			continue
		}
		out = append(out, '=')
	}
	return out
}

// unhex is the value of a hexadecimal digit, 16 when it is none.
func unhex(c byte) byte {
	switch {
	case '0' <= c && c <= '9':
		return c - '0'
	case 'A' <= c && c <= 'F':
		return c - 'A' + 10
	case 'a' <= c && c <= 'f':
		return c - 'a' + 10
	}
	return 16
}
