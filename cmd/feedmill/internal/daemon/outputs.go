package daemon

import (
	"fmt"
	"log/slog"

	"feedmill/config"
	"feedmill/feed"
	"feedmill/feed/mill"
	"feedmill/output/file"
	"feedmill/output/s3"
)

// site is an output as it takes the documents that belong to no feed.
type site struct {
	feed.Publisher
	name    string // of its [mill.Output]
	dir     string // the folder of a file output; empty: it is no such one
	private bool
}

// open opens the outputs of the plan's configuration, by their names. A folder that cannot be written is an error; a bucket is
// not asked for.
func (p *Plan) open(log *slog.Logger) (map[string]mill.Output, error) {
	outputs := map[string]mill.Output{}
	for _, o := range p.Config.Outputs {
		out, err := p.output(o, log.With("output", o.Name))
		if err != nil {
			return nil, fmt.Errorf("%s:%d: output %s: %w", p.Config.Files[0], o.Line, o.Name, err)
		}
		outputs[o.Name] = mill.Output{Name: out.name, Publisher: out.Publisher}
		p.sites = append(p.sites, out)
	}
	return outputs, nil
}

// output opens one. The name by which it is known what it received also tells where it writes: what is somewhere else is
// another output.
func (p *Plan) output(o config.Output, log *slog.Logger) (site, error) {
	if o.S3 != nil {
		out, err := s3.New(*o.S3, o.Private, p.now, log)
		return site{out, o.Name + " " + o.S3.Address(), "", o.Private}, err
	}
	dir := absolute(p.Config.Dir, o.File.Dir)
	out, err := file.New(*o.File, p.Config.Dir, log)
	return site{out, o.Name + " " + dir, dir, o.Private}, err
}
