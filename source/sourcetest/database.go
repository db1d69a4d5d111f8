package sourcetest

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	_ "github.com/go-sql-driver/mysql" // the drivers
	_ "github.com/jackc/pgx/v5/stdlib"
)

// Database is a server that a test started, with a database of its own in a folder that goes with it.
type Database struct {
	// DSN is its address as feedmill takes it.
	DSN string
	// DB is a connection that may write.
	DB *sql.DB

	folder string
	run    *exec.Cmd
	ended  chan struct{}
}

// needServer skips a test whose server is not installed, or fails it under FEEDMILL_TEST_ALL=1.
func needServer(t testing.TB, name, debian string, programs ...string) []string {
	t.Helper()
	var found []string
	for _, program := range programs {
		path, err := exec.LookPath(program)
		if err != nil {
			// Debian keeps those of Postgres in folders of their version.
			for _, pattern := range []string{"/usr/lib/postgresql/*/bin/", "/usr/sbin/"} {
				if all, _ := filepath.Glob(pattern + program); len(all) > 0 {
					path, err = all[len(all)-1], nil
				}
			}
		}
		switch {
		case err == nil:
			found = append(found, path)
		case os.Getenv("FEEDMILL_TEST_ALL") == "1":
			t.Fatalf("%s is not installed; apt-get install %s", name, debian)
		default:
			t.Skipf("SKIPPED: %s is not installed; apt-get install %s", name, debian)
		}
	}
	return found
}

// Postgres starts a server of Postgres, which ends with the test.
func Postgres(t testing.TB) *Database {
	t.Helper()
	programs := needServer(t, "Postgres", "postgresql", "initdb", "postgres")
	d := newDatabase(t, "postgres")
	data := filepath.Join(d.folder, "data")
	d.prepare(t, programs[0], "-D", data, "-U", "feedmill", "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync")
	port := freePort(t)
	d.start(t, programs[1], "-D", data, "-p", port, "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=", "-c", "fsync=off")
	d.DSN = "postgres://feedmill:s3cret-word@127.0.0.1:" + port + "/postgres?sslmode=disable"
	d.connect(t, "pgx", d.DSN)
	return d
}

// MariaDB starts a server of MariaDB, which ends with the test.
func MariaDB(t testing.TB) *Database {
	t.Helper()
	programs := needServer(t, "MariaDB", "mariadb-server", "mariadb-install-db", "mariadbd")
	d := newDatabase(t, "mariadb")
	data, port := filepath.Join(d.folder, "data"), freePort(t)
	d.prepare(t, programs[0], "--no-defaults", "--datadir="+data, "--tmpdir="+d.folder, "--auth-root-authentication-method=normal", "--skip-test-db")
	d.start(t, programs[1], "--no-defaults", "--datadir="+data, "--tmpdir="+d.folder, "--port="+port, "--bind-address=127.0.0.1",
		"--socket="+filepath.Join(d.folder, "socket"), "--pid-file="+filepath.Join(d.folder, "pid"),
		"--skip-grant-tables", "--innodb-flush-log-at-trx-commit=0", "--innodb-use-native-aio=0", "--performance-schema=0")
	d.DSN = "mysql://root:s3cret-word@127.0.0.1:" + port + "/news"
	d.connect(t, "mysql", "root@tcp(127.0.0.1:"+port+")/mysql")
	d.Exec(t, "CREATE DATABASE news CHARACTER SET utf8mb4")
	_ = d.DB.Close()
	d.connect(t, "mysql", "root@tcp(127.0.0.1:"+port+")/news")
	return d
}

// Exec executes statements one after the other.
func (d *Database) Exec(t testing.TB, statements ...string) {
	t.Helper()
	for _, statement := range statements {
		if _, err := d.DB.ExecContext(t.Context(), statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
}

// Kill ends the server at once, in the middle of what it does.
func (d *Database) Kill() {
	_ = syscall.Kill(-d.run.Process.Pid, syscall.SIGKILL) // it may have ended
	<-d.ended
}

func newDatabase(t testing.TB, name string) *Database {
	t.Helper()
	folder, err := os.MkdirTemp("", "feedmill-"+name+"-") //nolint:usetesting // another user works in it
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(folder) })
	if uid, gid, ok := nobody(t); ok {
		if err := os.Chown(folder, uid, gid); err != nil {
			t.Fatal(err)
		}
	}
	return &Database{folder: folder, ended: make(chan struct{})}
}

// nobody is the user that servers run as when the tests are run by root, as whom they refuse to.
func nobody(t testing.TB) (uid, gid int, ok bool) {
	t.Helper()
	if os.Getuid() != 0 {
		return 0, 0, false
	}
	u, err := user.Lookup("nobody")
	if err != nil {
		t.Fatal(err)
	}
	uid, _ = strconv.Atoi(u.Uid) // Lookup gives numbers
	gid, _ = strconv.Atoi(u.Gid)
	return uid, gid, true
}

// command is a program in the folder, as a user that servers may run as, in a process group of its own.
func (d *Database) command(t testing.TB, program string, args ...string) *exec.Cmd {
	c := exec.CommandContext(context.WithoutCancel(t.Context()), program, args...) //nolint:gosec // a server that was found; it ends by Kill
	c.Dir, c.Env = d.folder, append(os.Environ(), "HOME="+d.folder, "LC_ALL=C")
	c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if uid, gid, ok := nobody(t); ok {
		c.SysProcAttr.Credential = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
	}
	return c
}

func (d *Database) prepare(t testing.TB, program string, args ...string) {
	t.Helper()
	if out, err := d.command(t, program, args...).CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", program, err, out)
	}
}

func (d *Database) start(t testing.TB, program string, args ...string) {
	t.Helper()
	d.run = d.command(t, program, args...)
	log := filepath.Join(d.folder, "log")
	f, err := os.Create(log)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	d.run.Stdout, d.run.Stderr = f, f
	if err := d.run.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		_ = d.run.Wait() // it is killed
		close(d.ended)
	}()
	t.Cleanup(func() {
		d.Kill()
		if t.Failed() {
			said, _ := os.ReadFile(log)
			t.Logf("%s said:\n%s", program, said[max(0, len(said)-3000):])
		}
	})
}

// connect waits until the server answers.
func (d *Database) connect(t testing.TB, driver, address string) {
	t.Helper()
	db, err := sql.Open(driver, address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	d.DB = db
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		if err = db.PingContext(t.Context()); err == nil {
			return
		}
		select {
		case <-d.ended:
			said, _ := os.ReadFile(filepath.Join(d.folder, "log"))
			t.Fatalf("the server ended: %s", bytes.TrimSpace(said))
		default:
		}
		if time.Now().After(deadline) {
			t.Fatal(errors.Join(errors.New("the server does not answer"), err))
		}
	}
}

func freePort(t testing.TB) string {
	t.Helper()
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return fmt.Sprint(l.Addr().(*net.TCPAddr).Port)
}
