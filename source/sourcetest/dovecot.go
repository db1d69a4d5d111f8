//go:build unix

package sourcetest

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// Dovecot is a real IMAP server with one mailbox, a Maildir. It runs as an ordinary user, in a folder of its own, on ports that
// were free.
type Dovecot struct {
	// Plain and TLS are where it listens; TLS is empty without a certificate. Plain offers STARTTLS if there is one.
	Plain, TLS string
	// Mail is the Maildir.
	Mail *Maildir

	tb      testing.TB
	dir     string
	process *exec.Cmd
	owner   *syscall.Credential // nil: whoever runs the test
}

// The user of the mailbox, and the password.
const (
	MailUser     = "anna@example.org"
	MailPassword = "correct-horse"
)

// StartDovecot starts a server for a test; certificate and key are files, or empty. Where there is none, the test is skipped
// aloud, and fails when all tests must run.
func StartDovecot(tb testing.TB, certificate, key string) *Dovecot {
	tb.Helper()
	program := "/usr/sbin/dovecot"
	if _, err := os.Stat(program); err != nil {
		if os.Getenv("FEEDMILL_TEST_ALL") == "1" {
			tb.Fatal("there is no Dovecot here: make packages installs it")
		}
		tb.Skip("NOT TESTED: there is no Dovecot here; make packages installs it")
	}
	dir, err := os.MkdirTemp("", "imap") //nolint:usetesting // a short path, for it holds sockets
	if err != nil {
		tb.Fatal(err)
	}
	d := &Dovecot{tb: tb, dir: dir, Plain: onThisMachine(tb)}
	name, group := "nobody", "nogroup"
	if uid, gid, ok := nobody(tb); ok {
		d.owner = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
	} else if self, err := user.Current(); err == nil {
		name, group = self.Username, self.Gid
		if g, err := user.LookupGroupId(self.Gid); err == nil {
			group = g.Name
		}
	}
	tls := "ssl = no\n"
	if certificate != "" {
		d.TLS = onThisMachine(tb)
		tls = fmt.Sprintf("ssl = yes\nssl_cert = <%s\nssl_key = <%s\n", d.copy(certificate), d.copy(key))
	}
	d.Mail = &Maildir{tb: tb, Dir: filepath.Join(dir, "mail"), owner: d.owner}
	d.Mail.make()
	d.write("dovecot.conf", d.settings(name, group)+tls)
	d.own(dir)
	tb.Cleanup(func() {
		d.Stop()
		if tb.Failed() {
			text, _ := os.ReadFile(filepath.Join(dir, "log")) // there may be none
			tb.Logf("Dovecot says:\n%s", text)
		}
		_ = os.RemoveAll(dir) // of the test's own making
	})
	d.Start()
	return d
}

func (d *Dovecot) settings(name, group string) string {
	return fmt.Sprintf(`
base_dir = %[1]s/run
state_dir = %[1]s/state
log_path = %[1]s/log
default_internal_user = %[2]s
default_internal_group = %[3]s
default_login_user = %[2]s
protocols = imap
listen = 127.0.0.1
disable_plaintext_auth = no
first_valid_uid = 0
first_valid_gid = 0
mail_uid = %[2]s
mail_gid = %[3]s
mail_location = maildir:%[1]s/mail
mail_fsync = never
auth_failure_delay = 0
passdb {
  driver = static
  args = password=%[4]s
}
userdb {
  driver = static
  args = uid=%[2]s gid=%[3]s home=%[1]s
}
service anvil {
  chroot =
}
service imap-login {
  chroot =
  inet_listener imap {
    port = %[5]s
  }
  inet_listener imaps {
    port = %[6]s
  }
}
service stats {
  chroot =
}
`, d.dir, name, group, MailPassword, portOf(d.Plain), portOf(d.TLS))
}

func onThisMachine(tb testing.TB) string { return "127.0.0.1:" + freePort(tb) }

func portOf(hostPort string) string {
	if _, port, err := net.SplitHostPort(hostPort); err == nil {
		return port
	}
	return "0"
}

// Start starts the server and waits until it answers.
func (d *Dovecot) Start() {
	d.tb.Helper()
	_ = os.RemoveAll(filepath.Join(d.dir, "run"))                                                   // what a killed one left
	d.process = exec.Command("/usr/sbin/dovecot", "-F", "-c", filepath.Join(d.dir, "dovecot.conf")) //nolint:gosec,noctx // it is stopped by Stop
	d.process.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Credential: d.owner}
	d.process.Dir = d.dir
	if err := d.process.Start(); err != nil {
		d.tb.Fatal(err)
	}
	for range 200 {
		conn, err := net.Dial("tcp", d.Plain) //nolint:noctx // to this machine
		if err == nil {
			_ = conn.SetDeadline(time.Now().Add(time.Second))
			_, err = conn.Read(make([]byte, 4))
			_ = conn.Close()
		}
		if err == nil {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	text, _ := os.ReadFile(filepath.Join(d.dir, "log")) // there may be none
	d.tb.Fatalf("Dovecot does not answer:\n%s", text)
}

// Stop stops the server with all that belongs to it, in the middle of whatever it does.
func (d *Dovecot) Stop() {
	if d.process == nil {
		return
	}
	_ = syscall.Kill(-d.process.Process.Pid, syscall.SIGKILL) // it may have ended
	_ = d.process.Wait()                                      // it was killed
	d.process = nil
	// Its children are groups of their own; they end when the master does.
	for range 100 {
		conn, err := net.Dial("tcp", d.Plain) //nolint:noctx // to this machine
		if err != nil {
			return
		}
		_ = conn.Close()
		time.Sleep(20 * time.Millisecond)
	}
}

// Renumber gives the mailbox another UIDVALIDITY, and its messages other UIDs, as a restored backup has.
func (d *Dovecot) Renumber() {
	d.tb.Helper()
	d.Stop()
	entries, err := os.ReadDir(d.Mail.Dir)
	if err != nil {
		d.tb.Fatal(err)
	}
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), "dovecot") {
			if err := os.RemoveAll(filepath.Join(d.Mail.Dir, e.Name())); err != nil {
				d.tb.Fatal(err)
			}
		}
	}
	d.Mail.validity++
	list := filepath.Join(d.Mail.Dir, "dovecot-uidlist")
	if err := os.WriteFile(list, fmt.Appendf(nil, "3 V%d N1001 G%032x\n", 1_700_000_000+d.Mail.validity, d.Mail.validity), 0o600); err != nil {
		d.tb.Fatal(err)
	}
	d.own(list)
	d.Start()
}

func (d *Dovecot) copy(file string) string {
	text, err := os.ReadFile(file)
	if err != nil {
		d.tb.Fatal(err)
	}
	return d.write(filepath.Base(file), string(text))
}

func (d *Dovecot) write(name, text string) string {
	path := filepath.Join(d.dir, name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		d.tb.Fatal(err)
	}
	return path
}

// own gives a folder with all that is in it to the user of the server.
func (d *Dovecot) own(path string) {
	if d.owner == nil {
		return
	}
	err := filepath.WalkDir(path, func(path string, _ os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		return os.Lchown(path, int(d.owner.Uid), int(d.owner.Gid)) //nolint:gosec // nobody else is in the folder
	})
	if err != nil {
		d.tb.Fatal(err)
	}
}

// Maildir is a folder of messages.
type Maildir struct {
	Dir string

	tb       testing.TB
	owner    *syscall.Credential
	n        int
	validity int
}

// NewMaildir makes an empty one.
func NewMaildir(tb testing.TB) *Maildir {
	m := &Maildir{tb: tb, Dir: filepath.Join(tb.TempDir(), "Maildir")}
	m.make()
	return m
}

func (m *Maildir) make() {
	for _, name := range []string{"", "tmp", "new", "cur"} {
		if err := os.MkdirAll(filepath.Join(m.Dir, name), 0o700); err != nil {
			m.tb.Fatal(err)
		}
	}
}

// Deliver puts a message into the folder as a mail server does, and returns its path.
func (m *Maildir) Deliver(message string) string {
	m.n++
	name := strconv.Itoa(1_700_000_000+m.n) + ".M" + strconv.Itoa(m.n) + ".host"
	from, to := filepath.Join(m.Dir, "tmp", name), filepath.Join(m.Dir, "new", name)
	err := os.WriteFile(from, []byte(message), 0o600)
	if err == nil && m.owner != nil {
		err = os.Lchown(from, int(m.owner.Uid), int(m.owner.Gid))
	}
	at := time.Unix(int64(1_700_000_000+m.n*60), 0)
	if err == nil {
		err = os.Chtimes(from, at, at)
	}
	if err == nil {
		err = os.Rename(from, to)
	}
	if err != nil {
		m.tb.Fatal(err)
	}
	return to
}

// Files are the messages with their flags, as they lie in the folder.
func (m *Maildir) Files() (files []string) {
	for _, name := range []string{"new", "cur"} {
		entries, err := os.ReadDir(filepath.Join(m.Dir, name))
		if err != nil {
			m.tb.Fatal(err)
		}
		for _, e := range entries {
			files = append(files, name+"/"+e.Name())
		}
	}
	return files
}
