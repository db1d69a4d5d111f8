package sql

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/go-sql-driver/mysql"
	"github.com/jackc/pgx/v5/pgconn"
	driversqlite "modernc.org/sqlite"

	"feedmill/feed"
)

func refused(err error) error { return feed.Classify(feed.Refused, err) }

// trouble says of an error what could not be read and what to do.
func (s *Source) trouble(ctx context.Context, err error) error {
	if err == nil || ctx.Err() != nil {
		return err
	}
	class, words := s.judge(err)
	if words != "" {
		words = "; " + words
	}
	return feed.Classify(class, fmt.Errorf("read %s: %w%s", s.config.DSN.place(), s.conceal(err), words))
}

// judge gives an error its class, and says what to do.
func (s *Source) judge(err error) (feed.Class, string) {
	if errors.Is(err, context.DeadlineExceeded) {
		return feed.Unavailable, s.tooLong()
	}
	if failure, ok := errors.AsType[*pgconn.PgError](err); ok {
		return s.judgePostgres(failure.Code)
	}
	if failure, ok := errors.AsType[*mysql.MySQLError](err); ok {
		return s.judgeMySQL(failure.Number)
	}
	if failure, ok := errors.AsType[*driversqlite.Error](err); ok {
		return judgeSQLite(failure.Code() & 0xff)
	}
	if class := feed.ClassOf(err); class != feed.Internal {
		return class, ""
	}
	return feed.Unavailable, "see whether the server runs and can be reached from here"
}

func (s *Source) tooLong() string {
	return fmt.Sprintf("it took longer than timeout, %s; make the query faster, perhaps by an index on what :since is compared with, or write a longer timeout", s.timeout())
}

const (
	wrongQuery  = "correct the query, or the database"
	wrongLogin  = "correct user and password in dsn"
	wrongRights = "let the user in dsn read what the query names"
)

func (s *Source) judgePostgres(code string) (feed.Class, string) {
	switch {
	case code == "57014":
		return feed.Unavailable, s.tooLong()
	case code == "42501":
		return feed.Refused, wrongRights
	case code == "25006":
		return feed.Refused, "feedmill only reads; write a query that changes nothing"
	case strings.HasPrefix(code, "28"):
		return feed.Refused, wrongLogin
	case strings.HasPrefix(code, "3D"):
		return feed.Refused, "correct the name of the database in dsn"
	case strings.HasPrefix(code, "42"), strings.HasPrefix(code, "22"), strings.HasPrefix(code, "0A"):
		return feed.Unreadable, wrongQuery
	}
	return feed.Unavailable, ""
}

func (s *Source) judgeMySQL(number uint16) (feed.Class, string) {
	switch number {
	case 1969, 3024, 1317:
		return feed.Unavailable, s.tooLong()
	case 1045, 1698:
		return feed.Refused, wrongLogin
	case 1044, 1142, 1143, 1370:
		return feed.Refused, wrongRights
	case 1049:
		return feed.Refused, "correct the name of the database in dsn"
	case 1792:
		return feed.Refused, "feedmill only reads; write a query that changes nothing"
	case 1040, 1053, 1158, 1159, 1160, 1161, 1203, 1205, 1213, 1226:
		return feed.Unavailable, ""
	}
	return feed.Unreadable, wrongQuery
}

func judgeSQLite(code int) (feed.Class, string) {
	const busy, locked, ioError, corrupt, cannotOpen, notADatabase = 5, 6, 10, 11, 14, 26
	switch code {
	case busy, locked:
		return feed.Unavailable, "another program holds the database"
	case ioError:
		return feed.Unavailable, ""
	case cannotOpen:
		return feed.Unavailable, "let the user that feedmill runs as read the file and its folder"
	case corrupt, notADatabase:
		return feed.Unreadable, "the file is damaged, or no database of SQLite"
	}
	return feed.Unreadable, wrongQuery
}

// concealed is an error whose words hold no secret.
type concealed struct {
	words string
	err   error
}

func (c *concealed) Error() string { return c.words }
func (c *concealed) Unwrap() error { return c.err }

// conceal cuts passwords out of what a server or driver says.
func (s *Source) conceal(err error) error {
	words := strings.ReplaceAll(err.Error(), "\n", "; ")
	for _, secret := range s.config.DSN.secrets() {
		words = strings.ReplaceAll(words, secret, "***")
	}
	return &concealed{strings.Join(strings.Fields(words), " "), err}
}

// ends are the problems of what was not read.
func (r *reading) ends() []error {
	var problems []error
	for _, number := range r.large {
		problems = append(problems, &feed.Problem{Where: fmt.Sprintf("row %d", number), Err: fmt.Errorf("it has more than %d MB; let the query leave out what is so large", mostRow>>20)})
	}
	if r.broken != nil {
		_, words := r.judge(r.broken)
		problems = append(problems, &feed.Problem{
			Where: fmt.Sprintf("row %d", r.number+1),
			Err:   fmt.Errorf("the result ended before it was whole, what came before is published: %w; %s", r.conceal(r.broken), words),
		})
	}
	if r.cut && r.query.uses == 0 {
		problems = append(problems, &feed.Problem{Where: fmt.Sprintf("row %d", r.number), Err: fmt.Errorf(
			"the query gives more than %d rows or %d MB, of which the first are published; write :since into it, or a LIMIT", mostRows, mostBytes>>20)})
	}
	return problems
}

// notes say what the operator may want to know.
func (r *reading) notes() []string {
	if r.cut && r.query.uses > 0 {
		return []string{fmt.Sprintf("%d rows were read; there are more, which the next refresh goes on with", r.fresh)}
	}
	return nil
}

// mostTold bounds the problems of one fetch that are told.
const mostTold = 20

func bounded(problems []error) []error {
	if len(problems) <= mostTold {
		return problems
	}
	more := len(problems) - mostTold
	return append(problems[:mostTold:mostTold], fmt.Errorf("%d more problems like these in other rows", more))
}
