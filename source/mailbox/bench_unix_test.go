//go:build unix

package mailbox

import (
	"syscall"
	"testing"
	"time"

	"feedmill/feed"
	"feedmill/source/sourcetest"
)

// messages are how many a large mailbox has.
const messages = 10_000

// cpu is the processor time that this process has taken.
func cpu(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// measured reports the processor time of each round of do.
func measured(b *testing.B, do func()) {
	before, rounds := cpu(b), 0
	for b.Loop() {
		do()
		rounds++
	}
	b.ReportMetric(float64((cpu(b)-before).Milliseconds())/float64(rounds), "ms-cpu/op")
}

func benchmarkMailbox(b *testing.B, mail *sourcetest.Maildir, c Config) {
	for i := range messages {
		mail.Deliver(letter(i))
	}
	newDesk(b, c).look() // the server makes its index
	b.Run("first", func(b *testing.B) {
		measured(b, func() {
			if got := newDesk(b, c).look(); len(got.Articles) != messages {
				b.Fatalf("there came %d, %v", len(got.Articles), got.Notes)
			}
		})
	})
	d := newDesk(b, c)
	d.look()
	b.Run("unchanged", func(b *testing.B) {
		measured(b, func() {
			if got := d.look(); got.Extent != feed.Unchanged {
				b.Fatal("it changed")
			}
		})
	})
	b.Run("one", func(b *testing.B) {
		n := messages
		measured(b, func() {
			n++
			mail.Deliver(letter(n))
			if got := d.look(); len(got.Articles) != 1 {
				b.Fatalf("there came %d", len(got.Articles))
			}
		})
	})
}

func BenchmarkIMAP(b *testing.B) {
	server := sourcetest.StartDovecot(b, certificate, key)
	benchmarkMailbox(b, server.Mail, at("imaps", server.TLS))
}

func BenchmarkMaildir(b *testing.B) {
	mail := sourcetest.NewMaildir(b)
	benchmarkMailbox(b, mail, folder(mail))
}
