package doctor

import (
	"context"
	"time"
)

// packedLater is how long a document may be published before it is there in every coding.
const packedLater = 5 * time.Minute

// worthPacking is the size from which a feed is to be packed: below, it goes over the wire in one piece anyway.
const worthPacking = 1400

// coded asks in each content coding: each unpacks to the same document. The plainest reader asked for gzip.
func (v *visit) coded(ctx context.Context, s subject, plain answer) {
	old := v.doctor.Now().Sub(s.want.Modified) > packedLater
	if old && plain.Header.Get("Content-Encoding") == "" && len(plain.Body) > worthPacking {
		v.fault(s.address, &fault{"unpacked", Warning, "Is not packed, though the reader takes gzip.",
			"Let your CDN or proxy pass on Accept-Encoding, or pack itself: a feed shrinks to a fifth."})
	}
	for _, coding := range []string{"identity", "br", "zstd"} {
		r := newsboat().with("Accept-Encoding", coding)
		r.name = "a reader that takes " + coding
		if coding == "identity" {
			r.name = "a reader that unpacks nothing"
		}
		a, ok := v.ask(ctx, s.address, r)
		if !ok {
			return
		}
		for _, f := range v.faults(s, a) {
			if f.severity == Error { // of the rest all was told
				v.fault(s.address, &f, r.name)
			}
		}
	}
}
