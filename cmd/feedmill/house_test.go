package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"strings"
	"testing"
)

// TestHouse keeps DESIGN.md's rules of what may import what, where code lives, and how packages are named and told about;
// the rules are in house_rules_test.go. Only what becomes part of the program is bound by the import rules: a test may
// read documents with gofeed, or run the suite of a neighbouring folder.
func TestHouse(t *testing.T) {
	const root = "../.."
	for _, p := range listPackages(t, root) {
		report(t, brokenImports(p))
		report(t, brokenPackage(p))
	}
	folders, files := walkTree(t, os.DirFS(root))
	report(t, strayFolders(folders))
	for _, name := range files {
		text, err := os.ReadFile(path.Join(root, name))
		if err != nil {
			t.Fatal(err)
		}
		problems, err := brokenFile(name, text)
		if err != nil {
			t.Error(err)
		}
		report(t, problems)
	}
}

func report(t *testing.T, problems []string) {
	t.Helper()
	for _, p := range problems {
		t.Error(p)
	}
}

// goPackage is what go list tells about a package. Imports are those of its files without the tests, Doc is the first
// sentence of its comment.
type goPackage struct {
	ImportPath, Name, Doc string
	GoFiles, Imports      []string
}

func listPackages(t *testing.T, root string) []goPackage {
	t.Helper()
	var told bytes.Buffer
	c := exec.Command("go", "list", "-json=ImportPath,Name,Doc,GoFiles,Imports", "./...")
	c.Dir, c.Stderr = root, &told
	text, err := c.Output()
	if err != nil {
		t.Fatalf("%s: %v\n%s", c, err, &told)
	}
	var out []goPackage
	for list := json.NewDecoder(bytes.NewReader(text)); ; {
		var p goPackage
		err := list.Decode(&p)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatalf("%s: %v", c, err)
		}
		out = append(out, p)
	}
	if len(out) == 0 {
		t.Fatalf("%s: no packages", c)
	}
	return out
}

// folder is a folder of the repository.
type folder struct {
	path   string // from the root, which is "."
	goCode bool   // Go files lie in it
}

// walkTree returns all folders but those of test data, and the Go files in them.
func walkTree(t *testing.T, root fs.FS) (folders []folder, files []string) {
	t.Helper()
	at := map[string]int{} // a folder's place in folders
	err := fs.WalkDir(root, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			switch d.Name() {
			case ".git", "node_modules", "testdata":
				return fs.SkipDir
			}
			at[name] = len(folders)
			folders = append(folders, folder{path: name})
			return nil
		}
		if strings.HasSuffix(name, ".go") {
			folders[at[path.Dir(name)]].goCode = true
			files = append(files, name)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return folders, files
}
