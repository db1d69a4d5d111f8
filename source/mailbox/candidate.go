package mailbox

import (
	"strings"
	"time"
)

// candidate is a message that may be new.
type candidate struct {
	uid     uint32
	file    string // in a Maildir
	size    int64
	arrived time.Time
	head    header // its whole header, or what of it is asked for
	mark    mark
}

// asked are the header fields that decide whether a message is read.
var asked = []string{"Message-ID", "Date", "From", "Sender", "Subject", "List-ID"}

// nameOf is what a message is told from others by: its Message-ID, or when it has none what else stays the same wherever it lies.
func nameOf(h header) string {
	if id := messageID(h); id != "" {
		return id
	}
	return "~" + h.raw("date") + "\n" + h.raw("from") + "\n" + h.raw("subject")
}

// messageID is the Message-ID without its brackets; "" when there is none.
func messageID(h header) string {
	id := strings.Trim(strings.TrimSpace(h.raw("message-id")), "<>")
	if len(id) > longestID || strings.ContainsAny(id, " \t") {
		return ""
	}
	return id
}

// longestID bounds what is taken for a Message-ID, in bytes.
const longestID = 500

// wanted reports whether the message is from the sender and list that were asked for.
func (c Config) wanted(h header) bool {
	if c.Sender != "" && !h.holdsAddress("from", c.Sender) && !h.holdsAddress("sender", c.Sender) {
		return false
	}
	return c.ListID == "" || strings.EqualFold(listID(h), c.ListID)
}

// listID is what stands in the angle brackets of List-Id (RFC 2919), or the whole field where there are none.
func listID(h header) string {
	id := h.text("list-id")
	if i := strings.LastIndexByte(id, '<'); i >= 0 {
		id, _, _ = strings.Cut(id[i+1:], ">")
	}
	return strings.TrimSpace(id)
}
