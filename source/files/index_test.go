package files

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"testing"
)

func TestIndexKeepsEverything(t *testing.T) {
	x := index{
		"a":          {seen{stamp{0, 0}, identity{}}, [16]byte{}, false},
		"a/b.md":     {seen{stamp{12, 1764000000123456789}, identity{66304, 1 << 40}}, [16]byte{1, 2, 15: 16}, true},
		"a/bc.md":    {seen{stamp{math.MaxInt64, math.MinInt64}, identity{66304, 1 << 40}}, [16]byte{255}, false},
		"ä/日本語.txt":  {seen{stamp{1, -1}, identity{math.MaxUint64, math.MaxUint64}}, [16]byte{}, true},
		"../x/y.txt": {},
	}
	for n := range 300 {
		x[fmt.Sprintf("many/%03d", n)] = record{seen: seen{folder: identity{1, uint64(n)}}}
	}
	blob := x.encode(slices.Sorted(maps.Keys(x)))
	got, keys, err := decodeIndex(blob)
	if err != nil || !maps.Equal(x, got) || !slices.Equal(keys, slices.Sorted(maps.Keys(x))) {
		t.Errorf("%v, got %d records of %d", err, len(got), len(x))
	}
	for n := range blob {
		if half, _, err := decodeIndex(blob[:n]); err == nil && len(half) >= len(x) {
			t.Errorf("%d of %d bytes make an index of %d", n, len(blob), len(half))
		}
	}
	if empty, _, err := decodeIndex(index{}.encode(nil)); err != nil || empty == nil || len(empty) != 0 {
		t.Errorf("empty: %v, %v", empty, err)
	}
}

func FuzzDecodeIndex(f *testing.F) {
	f.Add([]byte{})
	f.Add(index{}.encode(nil))
	f.Add(index{"a.md": {bad: true}, "b/c.md": {seen: seen{folder: identity{1, 2}}}}.encode([]string{"a.md", "b/c.md"}))
	f.Fuzz(func(t *testing.T, blob []byte) {
		x, keys, err := decodeIndex(blob)
		if err != nil {
			return
		}
		again, _, err := decodeIndex(x.encode(keys))
		if err != nil || !maps.Equal(x, again) {
			t.Errorf("%v: %v became %v", err, x, again)
		}
	})
}
