package late

import (
	"go/ast"
	"go/constant"
	"go/parser"
	"go/token"
	"go/types"
	"io/fs"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestAllCompile compiles every expression of the program that is compiled late, so that none of them panics later.
func TestAllCompile(t *testing.T) {
	found := 0
	err := filepath.WalkDir("../..", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		fset := token.NewFileSet()
		file, err := parser.ParseFile(fset, path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		ast.Inspect(file, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			if f, ok := call.Fun.(*ast.SelectorExpr); !ok || types.ExprString(f) != "late.Regexp" {
				return true
			}
			found++
			value, err := types.Eval(fset, types.NewPackage("x", "x"), token.NoPos, types.ExprString(call.Args[0]))
			if err != nil || value.Value == nil {
				t.Errorf("%s: write the expression where it stands, as text: %v", fset.Position(call.Pos()), err)
				return true
			}
			if _, err := regexp.Compile(constant.StringVal(value.Value)); err != nil {
				t.Errorf("%s: %v", fset.Position(call.Pos()), err)
			}
			return true
		})
		return nil
	})
	if err != nil || found < 50 {
		t.Errorf("%d expressions were found: %v", found, err)
	}
}

// TestRegexp gives the same expression each time.
func TestRegexp(t *testing.T) {
	number := Regexp(`^\d+$`)
	first := number()
	if number() != first || !first.MatchString("17") || first.MatchString("x") {
		t.Error("the expression is not the one that was asked for")
	}
}
