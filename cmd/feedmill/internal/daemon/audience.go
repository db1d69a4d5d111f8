package daemon

import (
	"context"
	"sync"
	"time"

	"feedmill/cmd/feedmill/internal/admin"
	"feedmill/feed/store"
	"feedmill/output/serve"
)

// lookAtVisits is how often what the server counted is stored, at full minutes.
const lookAtVisits = time.Minute

// visits knows to which day belongs what the server counts now.
type visits struct {
	mu  sync.Mutex
	day string
}

// countVisits stores who reads, as the server counted it, every minute and at the end.
func (d *Daemon) countVisits(ctx context.Context) error {
	failing := false
	for ctx.Err() == nil {
		now := d.Now()
		next := time.NewTimer(now.Truncate(lookAtVisits).Add(lookAtVisits).Sub(now))
		select {
		case <-ctx.Done():
		case <-next.C:
		}
		next.Stop()
		err := d.saveVisits(ctx)
		if err != nil && !failing {
			d.Log.Warn("who reads the feeds is not stored; it is tried again every minute", "err", err)
		}
		failing = err != nil
	}
	return nil
}

// saveVisits stores what was counted since the last time, even if ctx has ended. A day ends at midnight in the time zone of
// the configuration.
func (d *Daemon) saveVisits(ctx context.Context) error {
	if d.server == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), grace/2)
	defer cancel()
	d.visits.mu.Lock()
	defer d.visits.mu.Unlock()
	now, day, today := d.Now(), d.visits.day, d.today()
	if day == "" {
		day = today
	}
	d.visits.day = today
	counted := d.server.Visits(day != today)
	editions := d.plan.Load().editionsByAddress()
	all := make([]store.Visits, 0, len(counted))
	for _, c := range counted {
		all = append(all, visitsOf(c, editions))
	}
	if len(all) > 0 {
		if err := d.store.SaveVisits(ctx, day, now, all); err != nil {
			return err
		}
	}
	if day != today {
		return d.store.ForgetVisits(ctx, now)
	}
	return nil
}

func (d *Daemon) today() string {
	return d.Now().In(d.plan.Load().Config.Location).Format(time.DateOnly)
}

// visitsOf are visits in the words of the store.
func visitsOf(c serve.Visits, editions map[string]dress) store.Visits {
	v := store.Visits{Feed: c.Address, Pollers: int64(c.Pollers), Readers: c.Readers}
	if e, ok := editions[c.Address]; ok {
		v.Feed, v.Edition = e.feed, e.name
	}
	for _, claim := range c.Claims {
		v.Claims = append(v.Claims, store.Claim{Aggregator: claim.Aggregator, Subject: claim.Of, Subscribers: int64(claim.Subscribers)})
	}
	return v
}

// dress is an edition that has readers of its own.
type dress struct{ feed, name string }

func (p *Plan) editionsByAddress() map[string]dress {
	all := map[string]dress{}
	for _, f := range p.Feeds {
		for address := range f.PrivateEditions {
			all[address] = dress{f.Name, address[len(f.Name)+1:]}
		}
	}
	return all
}

// audience is who reads the feeds of the plan, for the metrics.
func (d *Daemon) audience() []admin.Audience {
	ctx, cancel := context.WithTimeout(context.Background(), lookAtVisits/12)
	defer cancel()
	known, err := d.store.Audiences(ctx, d.Now())
	if err != nil {
		return nil // the store's trouble is told elsewhere
	}
	var all []admin.Audience
	for _, f := range d.plan.Load().Feeds {
		if a := known[f.Name]; a != nil {
			all = append(all, admin.AudienceOf(f.Name, a, d.today()))
		}
	}
	return all
}
