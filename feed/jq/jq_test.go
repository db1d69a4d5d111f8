package jq_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"feedmill/feed/jq"
)

func program(t *testing.T, text string) jq.Program {
	t.Helper()
	var p jq.Program
	if err := p.UnmarshalText([]byte(text)); err != nil {
		t.Fatal(err)
	}
	return p
}

func TestRun(t *testing.T) {
	decoder := json.NewDecoder(strings.NewReader(`{"a":[{"t":"x","n":12345678901234567890},{"t":null}],"b":{"c":true}}`))
	decoder.UseNumber()
	var input any
	if err := decoder.Decode(&input); err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]string{
		".a[].t":             `["x",null]`,
		".a[0].n":            `[12345678901234567890]`,
		".b.c, .missing":     `[true,null]`,
		"empty":              `null`,
		`"/" + .a[0].t`:      `["/x"]`,
		"$ENV.HOME":          `[null]`,
		"env | length":       `[0]`,
		".a[] | halt":        `null`,
		"1, halt_error, 2":   `error`,
		".a.b":               `error`,
		".b.c, error(\"x\")": `error`,
	} {
		got, err := program(t, text).Run(t.Context(), input)
		if want == "error" {
			if err == nil || !strings.Contains(err.Error(), text[:1]) {
				t.Errorf("%s gives %v, %v", text, got, err)
			}
			continue
		}
		if written, _ := json.Marshal(got); string(written) != want || err != nil {
			t.Errorf("%s gives %s, %v, want %s", text, written, err, want)
		}
	}
	if got, err := (jq.Program{}).Run(t.Context(), input); got != nil || err != nil {
		t.Errorf("the zero program gives %v, %v", got, err)
	}
}

func TestErrors(t *testing.T) {
	for text, want := range map[string]string{
		"":                                 "is empty",
		".a[":                              "at character 4: it ends too early",
		"ä | }":                            "at character",
		".a | | .b":                        `at character 6: "|" does not belong there`,
		"input":                            "not allowed",
		"nosuch":                           "function not defined: nosuch/0",
		`import "x" as x; .`:               "cannot be used",
		"\xff":                             "not UTF-8",
		strings.Repeat(".a|", 5_000) + ".": "10000 are the most",
	} {
		var p jq.Program
		if err := p.UnmarshalText([]byte(text)); err == nil || !strings.Contains(err.Error(), want) || !p.IsZero() {
			t.Errorf("%.30q gives %v, want %s", text, err, want)
		}
	}
}

// TestBounds: a program that would never end, or gives without end, is stopped.
func TestBounds(t *testing.T) {
	for text, want := range map[string]string{
		"range(1e9)":                "more than 10000",
		"[range(1e12)] | length":    "too long",
		"last(repeat(1))":           "too long",
		"def f: f; f":               "too long",
		`[limit(1e9; repeat("x"))]`: "too long",
	} {
		t.Run(text, func(t *testing.T) {
			t.Parallel()
			begun := time.Now()
			ctx, cancel := context.WithTimeout(t.Context(), time.Second/4)
			defer cancel()
			_, err := program(t, text).Run(ctx, nil)
			if err == nil || !strings.Contains(err.Error(), want) || time.Since(begun) > 10*time.Second {
				t.Errorf("it ends after %v with %v", time.Since(begun), err)
			}
		})
	}
}

func FuzzProgram(f *testing.F) {
	for _, s := range []string{".a[].t", "[.[] | select(.x)]", `"a" + .b`, ".a // \"x\"", "..|.url?"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var p jq.Program
		if p.UnmarshalText([]byte(text)) != nil {
			return
		}
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		defer cancel()
		_, _ = p.Run(ctx, map[string]any{"a": []any{map[string]any{"t": "x"}}, "b": "c"})
	})
}
