package clean

import (
	"strings"
	"testing"
	"unicode/utf8"
)

// newsLead is the first paragraph of a newsroom's article.
const newsLead = "In a diplomatic move that has sent shockwaves through international circles, former U.S. President Donald Trump and Russian " +
	"President Vladimir Putin held an extended phone call, shifting the narrative away from Russia’s ongoing war in Ukraine. While the " +
	"conversation touched on the conflict, it was largely framed as a broader discussion on global security, Middle East stability, and " +
	"even economic cooperation."

func TestSummaryOfANewsLead(t *testing.T) {
	whole := utf8.RuneCountInString(newsLead)
	firstSentence := newsLead[:strings.Index(newsLead, "Ukraine.")+len("Ukraine.")]
	for most := 1; most <= whole+1; most++ {
		got := Summary(newsLead, most)
		switch {
		case most >= whole:
			if got != newsLead {
				t.Fatalf("%d: %q", most, got)
			}
		case most >= utf8.RuneCountInString(firstSentence):
			if got != firstSentence {
				t.Fatalf("%d: %q", most, got)
			}
		default:
			if !strings.HasSuffix(got, "…") || utf8.RuneCountInString(got) > most || strings.HasSuffix(got, ".…") {
				t.Fatalf("%d: %q", most, got)
			}
		}
	}
}

// TestSummaryEnds gives each text, marked with | where its first sentence ends, room for one more character than that.
func TestSummaryEnds(t *testing.T) {
	for _, marked := range []string{
		"Mr. Smith met Dr. Jones on St. John Street.| Then he left for good.",
		"J. K. Rowling wrote it.| Nobody else did so.",
		"The U.S. President and the U.N. met at 6 p.m. in D.C. and left.| They spoke.",
		"It rose by 3.5 percent, e.g. in the north.| The south fell behind.",
		"Read it at example.org.| More will follow soon.",
		"Version 1.26.3 is out.| Get it now, everybody.",
		"On Nov. 24 vs. Dec. 25 he won.| She lost it all.",
		"He said no.| Then he went home again.",
		"He lives at No. 10 Downing Street.| She does not live there.",
		"“We will not go.”| She said it twice today.",
		"“Stop!” he cried and ran (fast).| She did not follow him.",
		"“Will it end?” asks everyone.| Nobody knows the answer.",
		"He waited… and waited... Then he left.| She had waited longer.",
		"In 2022.| The year was long and cold.",
		"What?!| Nobody had expected that.",
		"It ended (at last.)| Everybody went home then.",
		"Das gilt z. B. am 3. Mai bzw. laut Nr. 5 für alle.| Der Rest folgt später.",
		"„Das ist gut.“| Er ging dann nach Hause.",
		"« Oui\u202f! »| Il est parti hier soir.",
		"Это было 24 ноября в г. Киеве на ул. Сумской.| Потом всё кончилось.",
		"І. Франко писав вірші.| Потім він поїхав додому.",
		"東京は晴れです。|大阪は雨でした、とても。",
		"「はい。」と彼は言った。|そして帰ったのです。",
		"他说：“我来了。”|“你是谁？”她问道他们。",
		"真的吗？|是的，没有错误的。",
		"هل انتهت الحرب؟| لا أحد يعرف الجواب.",
		"جنگ ختم ہو گئی۔| سب گھر چلے گئے تھے",
		"युद्ध समाप्त हो गया।| सब लोग घर चले गए थे",
		"Ο πόλεμος τελείωσε.| Όλοι γύρισαν σπίτι τους.",
		"המלחמה נגמרה.| כולם הלכו הביתה עכשיו.",
		"전쟁이 끝났다.| 모두 집으로 돌아갔다.",
		"Պատերազմն ավարտվեց։| Բոլորը գնացին տուն։",
	} {
		sentence, rest, _ := strings.Cut(marked, "|")
		text := sentence + rest
		if got := Summary(text, utf8.RuneCountInString(text)-1); got != sentence {
			t.Errorf("%q\n got %q\nwant %q", text, got, sentence)
		}
	}
}

func TestSummaryCutsWords(t *testing.T) {
	for _, c := range []struct {
		in   string
		most int
		want string
	}{
		{"", 10, ""},
		{"whole text", 10, "whole text"},
		{" two\n lines ", 9, "two lines"},
		{"one two three", 0, ""},
		{"one two three", -5, ""},
		{"one two three", 1, "…"},
		{"one two three", 8, "one two…"},
		{"one two three", 9, "one two…"},
		{"one two, three", 10, "one two…"},
		{"Donaudampfschifffahrt", 10, "Donaudamp…"},
		{"a Donaudampfschifffahrt", 10, "a Donauda…"},
		{"東京オリンピックの天気はとても良い", 8, "東京オリンピッ…"},
		{"ภาษาไทยที่นี่ดีมาก", 10, "ภาษาไทย…"},
		{"👩\u200d👩\u200d👧👩\u200d👩\u200d👧!", 8, "👩\u200d👩\u200d👧…"},
		{"🇺🇦🇺🇦🇺🇦", 2, "…"},
		{"e\u0301e\u0301e\u0301", 4, "e\u0301…"},
	} {
		if got := Summary(c.in, c.most); got != c.want {
			t.Errorf("Summary(%q, %d) = %q, want %q", c.in, c.most, got, c.want)
		}
	}
}

func FuzzSummary(f *testing.F) {
	for i, s := range append(samples, newsLead) {
		f.Add(s, i*20)
	}
	f.Add("A. B. c! »", 3)
	f.Fuzz(func(t *testing.T, s string, most int) {
		got := Summary(s, most)
		if n := utf8.RuneCountInString(got); n > max(most, 0) {
			t.Fatalf("%q has %d characters, not %d", got, n, most)
		}
		if Line(got) != got {
			t.Fatalf("Summary(%q, %d) = %q is no line", s, most, got)
		}
		if whole := Line(s); !strings.HasPrefix(whole, strings.TrimSuffix(got, "…")) {
			t.Fatalf("Summary(%q, %d) = %q is no beginning", s, most, got)
		}
	})
}
