package browser

import (
	"testing"
	"time"
)

// What rendering costs: the first page with the start of the browser, the next ones, and the memory it takes. See doc.go.
func BenchmarkRender(b *testing.B) {
	base := site(b, map[string]string{"/": scripted, "/items.json": `["one","two","three"]`})
	b.Run("first", func(b *testing.B) {
		for b.Loop() {
			d := open(b, Config{})
			if _, err := d.Render(b.Context(), nil, request(base+"/"), "#list li a"); err != nil {
				b.Fatal(err)
			}
			b.StopTimer()
			d.Close()
			b.StartTimer()
		}
	})
	b.Run("next", func(b *testing.B) {
		d := open(b, Config{})
		begun := time.Now()
		for b.Loop() {
			if _, err := d.Render(b.Context(), nil, request(base+"/"), "#list li a"); err != nil {
				b.Fatal(err)
			}
		}
		_ = begun
		b.ReportMetric(float64(memory(d.engine.process.command.Process.Pid))/(1<<20), "MB")
	})
}
