package mailbox

import (
	"encoding/base64"
	"encoding/hex"
	"slices"
	"strings"
)

// alphabets are the characters beside letters and digits of which encoded words are made. What parts words in one address, such
// as a slash, belongs to them in another.
var alphabets = []string{"+/", "-_", "+", "-", ""}

// coded reports whether a word of s is the base64, hexadecimal or hash of something with one of the addresses in it. depth is how often
// such a thing may itself be encoded.
func (o *own) coded(s string, depth int) bool {
	if len(o.addresses) == 0 || depth == 0 {
		return false
	}
	begin := 0
	for i := 0; i <= len(s); i++ {
		if i < len(s) && mayCode(s[i]) {
			continue
		}
		if i-begin >= o.shortest*4/3 && o.codedRun(s[begin:i], depth) {
			return true
		}
		begin = i + 1
	}
	return false
}

func mayCode(c byte) bool {
	return 'a' <= c|0x20 && c|0x20 <= 'z' || '0' <= c && c <= '9' || c == '+' || c == '/' || c == '-' || c == '_'
}

// codedRun tries the words that a run of characters may be made of.
func (o *own) codedRun(run string, depth int) bool {
	var tried []string
	for _, alphabet := range alphabets {
		for word := range strings.FieldsFuncSeq(run, func(r rune) bool {
			return strings.ContainsRune("+/-_", r) && !strings.ContainsRune(alphabet, r)
		}) {
			if len(word) < o.shortest*4/3 || slices.Contains(tried, word) {
				continue
			}
			if o.codedWord(word, depth) {
				return true
			}
			if len(tried) < 20 {
				tried = append(tried, word)
			}
		}
	}
	return false
}

func (o *own) codedWord(word string, depth int) bool {
	if lower := strings.ToLower(word); strings.Trim(lower, "0123456789abcdef") == "" {
		if o.hashes[lower] {
			return true
		}
		if decoded, err := hex.DecodeString(lower[:len(lower)&^1]); err == nil && o.plain(string(decoded)) {
			return true
		}
	}
	if len(word) > longestWord {
		return false
	}
	standard := strings.NewReplacer("-", "+", "_", "/").Replace(word)
	for skip := range 4 { // something may stand in front
		rest := standard[skip:]
		if len(rest)%4 == 1 {
			rest = rest[:len(rest)-1]
		}
		decoded, err := base64.RawStdEncoding.DecodeString(rest)
		if err != nil {
			continue
		}
		text := string(decoded)
		if o.plain(text) || isASCII(text) && (o.plain(unescape(text)) || o.coded(unescape(text), depth-1)) {
			return true
		}
	}
	return false
}
