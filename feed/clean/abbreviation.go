package clean

import "strings"

// abbreviations are the words, in lower case, behind which a full stop does not end a sentence. Some could end one now
// and then; a summary that is a sentence shorter is better than one that breaks off at "Mr.". Single letters, and words
// with stops in them such as U.S. and e.g., need no entry.
var abbreviations = words(`
	mr mrs ms mx messrs dr prof rev fr hon sen rep gov pres gen col lt sgt capt cpt cmdr cdr adm maj brig cpl pvt supt insp det st ste mt ft
	jr sr esq inc ltd corp co bros assn dept univ est approx vs cf viz al etc ca resp incl excl
	jan feb mar apr jun jul aug sep sept oct nov dec tue tues thu thur thurs
	ave blvd rd tel ext
	bzw usw vgl evtl ggf inkl exkl zzgl sog str hr hrn mio mrd tsd dipl ing mag geb gest bspw einschl gem
	mme mlle mm sra srta dra ud uds ee uu sig dott avv bijv dhr mevr drs np tzn itd tzv resp
	им ул тыс млн млрд руб обл гг др пр стр акад проф
`)

// numbered are abbreviations only in front of a number: "No. 10", but "He said no."
var numbered = words(`no nos nr art sec abs ch fig p pp s vol bd ed op par cap núm num`)

func words(list string) map[string]bool {
	set := map[string]bool{}
	for word := range strings.FieldsSeq(list) {
		set[word] = true
	}
	return set
}
