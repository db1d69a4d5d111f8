package clean

import "time"

// zone is what the name of a zone means.
type zone struct {
	minutes      int  // from UTC
	america      bool // has summer time, by the rule of North America, on top of minutes
	northAmerica bool // those who write it put the month first
}

// wildZone looks a name up in lower case. A letter of the military other than Z is UTC: RFC 822 gave them the wrong signs,
// so that RFC 5322 (section 4.3) takes them for no statement at all. J was never one.
func wildZone(name string) (zone, bool) {
	if len(name) == 1 && name[0] >= 'a' && name[0] <= 'z' && name != "j" {
		return zone{}, true
	}
	if z, ok := americanZones[name]; ok {
		return z, true
	}
	minutes, ok := wildZones[name]
	return zone{minutes: minutes}, ok
}

// americanZones are the zones of RFC 5322 (section 4.3) and the short words for a zone with and without summer time.
var americanZones = map[string]zone{
	"est": {-5 * 60, false, true}, "edt": {-4 * 60, false, true}, "et": {-5 * 60, true, true},
	"cst": {-6 * 60, false, true}, "cdt": {-5 * 60, false, true}, "ct": {-6 * 60, true, true},
	"mst": {-7 * 60, false, true}, "mdt": {-6 * 60, false, true}, "mt": {-7 * 60, true, true},
	"pst": {-8 * 60, false, true}, "pdt": {-7 * 60, false, true}, "pt": {-8 * 60, true, true},
	"akst": {-9 * 60, false, true}, "akdt": {-8 * 60, false, true}, "hst": {-10 * 60, false, true},
}

// wildZones are names of zones in minutes from UTC. Of several meanings one is taken: IST is India (not Ireland, Israel),
// BST Britain in summer (not Bangladesh), AST the Atlantic coast of Canada (not Arabia), AMT Manaus (not Armenia), GST the
// Gulf (not Guam), SST Samoa, PST and CST North America (not the Philippines, China, Cuba).
var wildZones = map[string]int{
	"utc": 0, "ut": 0, "gmt": 0, "wet": 0, "azost": 0, "cvt": -1 * 60, "azot": -1 * 60, "uct": 0,
	"bst": 60, "west": 60, "cet": 60, "mez": 60, "met": 60, "wat": 60,
	"cest": 2 * 60, "mesz": 2 * 60, "mest": 2 * 60, "eet": 2 * 60, "cat": 2 * 60, "sast": 2 * 60,
	"eest": 3 * 60, "idt": 3 * 60, "msk": 3 * 60, "мск": 3 * 60, "trt": 3 * 60, "eat": 3 * 60, "fet": 3 * 60,
	"msd": 4 * 60, "gst": 4 * 60, "samt": 4 * 60, "azt": 4 * 60, "get": 4 * 60, "mut": 4 * 60,
	"irst": 3*60 + 30, "irdt": 4*60 + 30, "aft": 4*60 + 30,
	"pkt": 5 * 60, "uzt": 5 * 60, "tjt": 5 * 60, "tmt": 5 * 60, "yekt": 5 * 60,
	"ist": 5*60 + 30, "slst": 5*60 + 30, "npt": 5*60 + 45, "omst": 6 * 60, "btt": 6 * 60, "mmt": 6*60 + 30,
	"ict": 7 * 60, "wib": 7 * 60, "krat": 7 * 60, "novt": 7 * 60,
	"hkt": 8 * 60, "sgt": 8 * 60, "myt": 8 * 60, "pht": 8 * 60, "wita": 8 * 60, "awst": 8 * 60, "irkt": 8 * 60, "ulat": 8 * 60,
	"jst": 9 * 60, "kst": 9 * 60, "wit": 9 * 60, "yakt": 9 * 60, "acst": 9*60 + 30, "acdt": 10*60 + 30,
	"aest": 10 * 60, "vlat": 10 * 60, "chst": 10 * 60, "aedt": 11 * 60, "magt": 11 * 60, "sbt": 11 * 60,
	"nzst": 12 * 60, "fjt": 12 * 60, "pett": 12 * 60, "nzdt": 13 * 60, "sst": -11 * 60,
	"nst": -(3*60 + 30), "ndt": -(2*60 + 30), "ast": -4 * 60, "adt": -3 * 60, "amt": -4 * 60, "bot": -4 * 60, "clt": -4 * 60, "vet": -4 * 60,
	"art": -3 * 60, "brt": -3 * 60, "clst": -3 * 60, "uyt": -3 * 60, "pyt": -3 * 60, "gft": -3 * 60, "brst": -2 * 60, "pmst": -3 * 60,
	"cot": -5 * 60, "pet": -5 * 60,
}

// summerInAmerica reports whether a clock of North America shows summer time: from the second Sunday of March to the first
// of November, at two o'clock (15 U.S.C. 260a, since 2007; earlier years are read by the same rule).
func summerInAmerica(c clock) bool {
	begin := time.Date(c.year, time.March, 8, 2, 0, 0, 0, time.UTC)
	end := time.Date(c.year, time.November, 1, 2, 0, 0, 0, time.UTC)
	begin = begin.AddDate(0, 0, (7-int(begin.Weekday()))%7)
	end = end.AddDate(0, 0, (7-int(end.Weekday()))%7)
	at := c.in(time.UTC)
	return !at.Before(begin) && at.Before(end)
}
