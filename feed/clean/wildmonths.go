package clean

// monthNames are the months of each language as calendars and newspapers write them, whole and cut short, in all cases a
// date puts them in: January to December parted by semicolons, names of one month by commas. Accents and capitals do
// not matter. Arabic has the names of Egypt and the Gulf, of the Levant, and of the Maghreb. Japanese, Chinese and Korean
// number their months, see clockWords.
var monthNames = map[string]string{
	"en": "january,jan;february,feb,febr;march,mar;april,apr;may;june,jun;july,jul;august,aug;september,sep,sept;october,oct;november,nov;december,dec",
	"de": "januar,jan,jänner,jän;februar,feb,feber;märz,mär,mrz,maerz;april,apr;mai;juni,jun;juli,jul;august,aug;september,sep,sept;oktober,okt;november,nov;dezember,dez",
	"fr": "janvier,janv,jan;février,févr,fév;mars;avril,avr;mai;juin;juillet,juil;août;septembre,sept;octobre,oct;novembre,nov;décembre,déc",
	"es": "enero,ene;febrero,feb;marzo,mar;abril,abr;mayo,may;junio,jun;julio,jul;agosto,ago;septiembre,setiembre,sep,sept,set;octubre,oct;noviembre,nov;diciembre,dic",
	"it": "gennaio,gen,genn;febbraio,feb,febbr;marzo,mar;aprile,apr;maggio,mag,magg;giugno,giu;luglio,lug;agosto,ago;settembre,set,sett;ottobre,ott;novembre,nov;dicembre,dic",
	"pt": "janeiro,jan;fevereiro,fev;março,mar;abril,abr;maio,mai;junho,jun;julho,jul;agosto,ago;setembro,set;outubro,out;novembro,nov;dezembro,dez",
	"nl": "januari,jan;februari,feb;maart,mrt;april,apr;mei;juni,jun;juli,jul;augustus,aug;september,sep,sept;oktober,okt;november,nov;december,dec",
	"pl": "styczeń,stycznia,sty;luty,lutego,lut;marzec,marca,mar;kwiecień,kwietnia,kwi;maj,maja;czerwiec,czerwca,cze;lipiec,lipca,lip;" +
		"sierpień,sierpnia,sie;wrzesień,września,wrz;październik,października,paź;listopad,listopada,lis;grudzień,grudnia,gru",
	"cs": "leden,ledna,led;únor,února,úno;březen,března,bře;duben,dubna,dub;květen,května,kvě;červen,června,čvn;červenec,července,čvc;" +
		"srpen,srpna,srp;září,zář;říjen,října,říj;listopad,listopadu,lis;prosinec,prosince,pro",
	"sk": "január,januára,jan;február,februára,feb;marec,marca,mar;apríl,apríla,apr;máj,mája;jún,júna;júl,júla;august,augusta,aug;" +
		"september,septembra,sep;október,októbra,okt;november,novembra,nov;december,decembra,dec",
	"ru": "январь,января,янв;февраль,февраля,фев,февр;март,марта,мар;апрель,апреля,апр;май,мая;июнь,июня,июн;июль,июля,июл;" +
		"август,августа,авг;сентябрь,сентября,сен,сент;октябрь,октября,окт;ноябрь,ноября,ноя,нояб;декабрь,декабря,дек",
	"uk": "січень,січня,січ;лютий,лютого,лют;березень,березня,бер;квітень,квітня,кві,квіт;травень,травня,тра,трав;червень,червня,чер,черв;" +
		"липень,липня,лип;серпень,серпня,сер,серп;вересень,вересня,вер;жовтень,жовтня,жов,жовт;листопад,листопада,лис;грудень,грудня,гру,груд",
	"bg": "януари,яну;февруари,фев;март;април,апр;май;юни;юли;август,авг;септември,сеп,септ;октомври,окт;ноември,ное;декември,дек",
	"sv": "januari,jan;februari,feb;mars;april,apr;maj;juni,jun;juli,jul;augusti,aug;september,sep,sept;oktober,okt;november,nov;december,dec",
	"da": "januar,jan;februar,feb;marts;april,apr;maj;juni,jun;juli,jul;august,aug;september,sep;oktober,okt;november,nov;december,dec",
	"nb": "januar,jan;februar,feb;mars;april,apr;mai;juni,jun;juli,jul;august,aug;september,sep;oktober,okt;november,nov;desember,des",
	"fi": "tammikuu,tammikuuta,tammi;helmikuu,helmikuuta,helmi;maaliskuu,maaliskuuta,maalis;huhtikuu,huhtikuuta,huhti;toukokuu,toukokuuta,touko;" +
		"kesäkuu,kesäkuuta,kesä;heinäkuu,heinäkuuta,heinä;elokuu,elokuuta,elo;syyskuu,syyskuuta,syys;lokakuu,lokakuuta,loka;" +
		"marraskuu,marraskuuta,marras;joulukuu,joulukuuta,joulu",
	"hu": "január,jan;február,febr,feb;március,márc;április,ápr;május,máj;június,jún;július,júl;augusztus,aug;szeptember,szept;október,okt;november,nov;december,dec",
	"ro": "ianuarie,ian;februarie,feb;martie,mar;aprilie,apr;mai;iunie,iun;iulie,iul;august,aug;septembrie,sep,sept;octombrie,oct;noiembrie,noi,nov;decembrie,dec",
	"tr": "ocak,oca;şubat,şub;mart,mar;nisan,nis;mayıs,may;haziran,haz;temmuz,tem;ağustos,ağu;eylül,eyl;ekim,eki;kasım,kas;aralık,ara",
	"el": "ιανουάριος,ιανουαρίου,ιαν;φεβρουάριος,φεβρουαρίου,φεβ;μάρτιος,μαρτίου,μαρ,μάρτ;απρίλιος,απριλίου,απρ;μάιος,μαΐου,μάι;ιούνιος,ιουνίου,ιούν;" +
		"ιούλιος,ιουλίου,ιούλ;αύγουστος,αυγούστου,αυγ;σεπτέμβριος,σεπτεμβρίου,σεπ,σεπτ;οκτώβριος,οκτωβρίου,οκτ;νοέμβριος,νοεμβρίου,νοε;δεκέμβριος,δεκεμβρίου,δεκ",
	"he": "ינואר,בינואר;פברואר,בפברואר;מרץ,במרץ,מרס,במרס;אפריל,באפריל;מאי,במאי;יוני,ביוני;יולי,ביולי;אוגוסט,באוגוסט;ספטמבר,בספטמבר;אוקטובר,באוקטובר;נובמבר,בנובמבר;דצמבר,בדצמבר",
	"ar": "يناير,كانون الثاني,جانفي;فبراير,شباط,فيفري;مارس,آذار;أبريل,إبريل,نيسان,أفريل;مايو,أيار,ماي;يونيو,يونيه,حزيران,جوان;" +
		"يوليو,يوليه,تموز,جويلية;أغسطس,آب,أوت;سبتمبر,أيلول;أكتوبر,تشرين الأول;نوفمبر,تشرين الثاني;ديسمبر,كانون الأول",
	"fa": "ژانویه,ژانویهٔ;فوریه,فوریهٔ;مارس;آوریل;مه,می;ژوئن;ژوئیه,ژوئیهٔ,جولای;اوت,آگوست;سپتامبر;اکتبر;نوامبر;دسامبر",
	"hi": "जनवरी,जन;फ़रवरी,फरवरी,फ़र;मार्च;अप्रैल;मई;जून;जुलाई,जुल;अगस्त,अग;सितंबर,सितम्बर,सित;अक्टूबर,अक्तूबर,अक्टू;नवंबर,नवम्बर,नव;दिसंबर,दिसम्बर,दिस",
	"id": "januari,jan;februari,feb,pebruari;maret,mar;april,apr;mei;juni,jun;juli,jul;agustus,agu,agt;september,sep;oktober,okt;november,nov,nopember;desember,des",
	"vi": "tháng một,tháng giêng;tháng hai;tháng ba;tháng tư;tháng năm;tháng sáu;tháng bảy;tháng tám;tháng chín;tháng mười;tháng mười một;tháng mười hai,tháng chạp",
	"ca": "gener,gen;febrer,febr;març;abril,abr;maig;juny;juliol,jul;agost,ag;setembre,set;octubre,oct;novembre,nov;desembre,des",
	"et": "jaanuar,jaan;veebruar,veebr;märts;aprill,apr;mai;juuni;juuli;august,aug;september,sept;oktoober,okt;november,nov;detsember,dets",
}

// passedOver are the words of a date that say nothing about when: weekdays, whole and cut short, and the small words
// between day, month, year and time.
var passedOver = map[string]string{
	"en": "monday,mon,tuesday,tue,tues,wednesday,wed,thursday,thu,thur,thurs,friday,fri,saturday,sat,sunday,sun,of,the,at,on,st,nd,rd,th",
	"de": "montag,mo,dienstag,di,mittwoch,mi,donnerstag,do,freitag,fr,samstag,sonnabend,sa,sonntag,so,am,den,der,um,uhr",
	"fr": "lundi,lun,mardi,mar,mercredi,mer,jeudi,jeu,vendredi,ven,samedi,sam,dimanche,dim,le,à,er,hui",
	"es": "lunes,lun,martes,mar,miércoles,mié,jueves,jue,viernes,vie,sábado,sáb,domingo,dom,de,del,el,a las,a la,a,las,o,h,hs,hrs",
	"it": "lunedì,lun,martedì,mar,mercoledì,mer,giovedì,gio,venerdì,ven,sabato,sab,domenica,dom,il,l,alle,ore,alle ore,dalle",
	"pt": "segunda-feira,segunda,seg,terça,ter,quarta,qua,quinta,qui,sexta,sex,feira,sábado,domingo,dom,às,as,em",
	"nl": "maandag,ma,dinsdag,woensdag,wo,donderdag,vrijdag,vr,zaterdag,za,zondag,zo,om,uur,u,e,op",
	"pl": "poniedziałek,pon,pn,wtorek,wt,środa,śr,czwartek,czw,piątek,pt,sobota,sob,niedziela,niedz,nd,r,roku,godz,godzina,o godz",
	"cs": "pondělí,po,úterý,út,středa,st,čtvrtek,čt,pátek,pá,sobota,neděle,ne,v,ve,hod,hodin",
	"sk": "pondelok,utorok,ut,streda,štvrtok,št,piatok,pi,nedeľa,dňa",
	"ru": "понедельник,пн,вторник,вт,среда,ср,четверг,чт,пятница,пт,суббота,сб,воскресенье,вс,г,год,года,в,от",
	"uk": "понеділок,вівторок,середа,четвер,пʼятниця,пятниця,пят,субота,неділя,нд,р,рік,року,о,об,від",
	"bg": "понеделник,сряда,четвъртък,петък,събота,неделя,ч",
	"sv": "måndag,mån,tisdag,tis,onsdag,ons,torsdag,tor,tors,fredag,fre,lördag,lör,söndag,sön,den,kl,klockan",
	"da": "mandag,man,tirsdag,tirs,tir,lørdag,lør,søndag,søn,d",
	"nb": "klokken,klokka",
	"fi": "maanantai,maanantaina,ma,tiistai,tiistaina,ti,keskiviikko,keskiviikkona,ke,torstai,torstaina,to,perjantai,perjantaina,pe,lauantai,lauantaina,la,sunnuntai,sunnuntaina,su,klo,na",
	"hu": "hétfő,kedd,szerda,csütörtök,péntek,szombat,vasárnap,h,k,sze,cs,p,szo,v,án,én",
	"ro": "luni,marți,miercuri,mie,joi,vineri,vin,sâmbătă,sâm,duminică,dum,ora,la ora",
	"tr": "pazartesi,pzt,salı,sal,çarşamba,çar,perşembe,per,cuma,cum,cumartesi,cmt,pazar,paz,saat",
	"el": "δευτέρα,δευ,τρίτη,τρι,τετάρτη,τετ,πέμπτη,πεμ,παρασκευή,παρ,σάββατο,σαβ,κυριακή,κυρ,στις,ώρα",
	"he": "יום,שני,שלישי,רביעי,חמישי,שישי,שבת,ראשון,בשעה,ב",
	"ar": "الاثنين,الإثنين,الثلاثاء,الأربعاء,الخميس,الجمعة,السبت,الأحد,الساعة,في,عام,سنة,ه,میلادی,م",
	"fa": "دوشنبه,سهشنبه,سه شنبه,چهارشنبه,پنجشنبه,پنجشنبه,جمعه,شنبه,یکشنبه,یکشنبه,ساعت,در,سال",
	"hi": "सोमवार,सोम,मंगलवार,मंगल,बुधवार,बुध,गुरुवार,गुरु,शुक्रवार,शुक्र,शनिवार,शनि,रविवार,रवि,को,बजे",
	"id": "senin,sen,selasa,sel,rabu,rab,kamis,kam,jumat,jum,sabtu,sab,minggu,min,pukul,pkl,jam",
	"vi": "thứ hai,thứ ba,thứ tư,thứ năm,thứ sáu,thứ bảy,chủ nhật,lúc",
	"ja": "月曜日,火曜日,水曜日,木曜日,金曜日,土曜日,日曜日,月曜,火曜,水曜,木曜,金曜,土曜,日曜,に",
	"zh": "星期一,星期二,星期三,星期四,星期五,星期六,星期日,星期天,周一,周二,周三,周四,周五,周六,周日,週一,週二,週三,週四,週五,週六,週日",
	"ko": "월요일,화요일,수요일,목요일,금요일,토요일,일요일",
}

// clockWords tell what the number beside them is, or the half of the day; before says that they stand in front of it.
var clockWords = []struct {
	words  string
	clock  byte // y o d h m s: year, month, day, hour, minute, second
	half   byte // a p
	before bool
}{
	{words: "年,년", clock: 'y'}, {words: "月,월,月份", clock: 'o'}, {words: "日,号,號,일", clock: 'd'},
	{words: "時,时,点,點,시,h,uhr,uur,u,giờ,kello", clock: 'h'}, {words: "分,분,phút", clock: 'm'}, {words: "秒,초,giây", clock: 's'},
	{words: "năm", clock: 'y', before: true}, {words: "tháng", clock: 'o', before: true}, {words: "ngày", clock: 'd', before: true},
	{words: "am,πμ,ص,ق ظ,sáng,öö", half: 'a'}, {words: "pm,μμ,م,ب ظ,chiều,öö s", half: 'p'},
	{words: "午前,上午,오전,凌晨,早上", half: 'a', before: true}, {words: "午後,下午,오후,晚上", half: 'p', before: true},
}
