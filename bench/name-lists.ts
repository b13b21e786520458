/** Given and family names of several scripts, each with a Latin form for sign-in names; a person is any two of one list. */

/** One name, as it is written and as it appears in a sign-in name. */
export interface ListedName {
  readonly written: string;
  readonly latin: string;
}

/** The names of one language, and how a person of it is written. */
export interface NameList {
  readonly locale: string;
  readonly timezone: string;
  /** The country of a postal address, ISO 3166-1. */
  readonly country: string;
  readonly city: string;
  /** How phone numbers begin; what follows is in a range kept for fiction, where there is one. */
  readonly phone: string;
  /** What stands between the names; family name first where `familyFirst`. */
  readonly between: string;
  readonly familyFirst: boolean;
  readonly given: readonly ListedName[];
  readonly family: readonly ListedName[];
  /** How often it is drawn. */
  readonly weight: number;
}

const beyondDecomposition: Readonly<Record<string, string>> = {
  ł: "l",
  ø: "o",
  đ: "d",
  ß: "ss",
  æ: "ae",
  þ: "th",
  ð: "d",
  ı: "i",
  œ: "oe",
};

/** Names in Latin letters: the Latin form is the name without its marks. */
function latin(names: string): readonly ListedName[] {
  return names.split(" ").map((written) => ({
    written,
    latin: written
      .toLowerCase()
      .normalize("NFD")
      .replace(/\p{M}|['’]/gu, "")
      .replace(/[^a-z-]/g, (letter) => beyondDecomposition[letter] ?? "x"),
  }));
}

/** Names with their Latin form behind a slash. */
function paired(names: string): readonly ListedName[] {
  return names.split(" ").map((name) => {
    const [written = "", latinForm = ""] = name.split("/");
    return { written, latin: latinForm };
  });
}

const western = { between: " ", familyFirst: false };

/** The lists, in no order that matters. */
export const nameLists: readonly NameList[] = [
  {
    ...western,
    locale: "en-US",
    timezone: "America/New_York",
    country: "US",
    city: "Springfield",
    phone: "+1 202 555 01",
    weight: 6,
    given: latin(
      "Alex Brooke Carter Dana Elliot Frances Grace Harper Imani Jordan Kelly Logan Morgan Noel Parker Quinn Riley Skyler Taylor Whitney",
    ),
    family: latin(
      "Abbott Barlow Caldwell Dalton Eastwick Fairchild Garrison Holloway Ingram Jessop Kingsley Langford Merriweather Norwood O'Hearn Prescott Radcliffe Stanhope Thornbury Wexford",
    ),
  },
  {
    ...western,
    locale: "de-DE",
    timezone: "Europe/Berlin",
    country: "DE",
    city: "Köln",
    phone: "+49 30 231250",
    weight: 3,
    given: latin(
      "Jürgen Käthe Björn Zoë Günther Renée Sören Bärbel Jörg Änne Lukas Marlene Till Frauke Ömer Heike",
    ),
    family: latin(
      "Müller-Lüdenscheid Weißgerber Schönfelder Grünwald Bäumer Köhlbrandt Strößner Hübschmann Dörfler Fährmann Großkurth Höltken Jäschke Lößnitz Rühmkorf Süßkind",
    ),
  },
  {
    ...western,
    locale: "fr-FR",
    timezone: "Europe/Paris",
    country: "FR",
    city: "Besançon",
    phone: "+33 1 99 00 ",
    weight: 2,
    given: latin(
      "Éloïse Noël Chloé Aurélien Françoise Gaël Hélène Jérôme Léa Maël Océane Raphaël Solène Théo",
    ),
    family: latin(
      "Lefèvre Bélanger Châtelain Désormeaux Évrard Forêt Guérin Hérault L'Écuyer Mâcon Nédélec Pâquet Rênier Vézina",
    ),
  },
  {
    ...western,
    locale: "pl-PL",
    timezone: "Europe/Warsaw",
    country: "PL",
    city: "Łódź",
    phone: "+48 22 555 01",
    weight: 2,
    given: latin(
      "Łukasz Zażółć Bożena Świętosława Józef Małgorzata Żaneta Grażyna Stanisław Wacław Jędrzej Róża",
    ),
    family: latin(
      "Wójcik Dąbek Gołąb Kołodziej Szczęsny Źrebiec Łęcki Mączka Wróbel Śliwa Zięba Żuraw Pająk Kłos",
    ),
  },
  {
    ...western,
    locale: "vi-VN",
    timezone: "Asia/Ho_Chi_Minh",
    country: "VN",
    city: "Đà Nẵng",
    phone: "+84 28 5550 1",
    familyFirst: true,
    weight: 1,
    given: latin("Ánh Bảo Châu Dũng Hạnh Khánh Linh Mỹ Ngọc Phượng Quỳnh Thảo Tuấn Vỹ"),
    family: latin("Nguyễn Trần Lê Phạm Hoàng Phan Vũ Đặng Bùi Đỗ Hồ Ngô Dương Lý"),
  },
  {
    ...western,
    locale: "ru-RU",
    timezone: "Europe/Moscow",
    country: "RU",
    city: "Тверь",
    phone: "+7 495 555 01",
    weight: 2,
    given: paired(
      "Алексей/aleksei Борис/boris Вера/vera Галина/galina Дмитрий/dmitrii Елена/elena Жанна/zhanna Зоя/zoia Игорь/igor Юлия/iuliia Ксения/kseniia Лев/lev Марина/marina Пётр/petr",
    ),
    family: paired(
      "Седых/sedykh Черных/chernykh Шевченко/shevchenko Бондаренко/bondarenko Мельник/melnik Гончар/gonchar Лысенко/lysenko Коваль/koval Ткач/tkach Щербань/shcherban Живаго/zhivago Дурново/durnovo Белых/belykh Юрченко/iurchenko",
    ),
  },
  {
    ...western,
    locale: "el-GR",
    timezone: "Europe/Athens",
    country: "GR",
    city: "Θεσσαλονίκη",
    phone: "+30 21 5550 1",
    weight: 1,
    given: paired(
      "Αλέξης/alexis Βασιλική/vasiliki Γεωργία/georgia Δημήτρης/dimitris Ελένη/eleni Ζωή/zoi Ιάσονας/iasonas Κώστας/kostas Μάρθα/martha Νίκος/nikos Σταύρος/stavros Χρύσα/chrysa",
    ),
    family: paired(
      "Αγγελής/angelis Βλάχος/vlachos Γιαννάκης/giannakis Δούκας/doukas Καλογήρου/kalogirou Λάμπρου/lamprou Μακρής/makris Νικολάου/nikolaou Παππάς/pappas Ρήγας/rigas Στεργίου/stergiou Χατζής/chatzis",
    ),
  },
  {
    ...western,
    locale: "ar-EG",
    timezone: "Africa/Cairo",
    country: "EG",
    city: "الإسكندرية",
    phone: "+20 2 5550 1",
    weight: 2,
    given: paired(
      "أحمد/ahmed بسمة/basma جمال/gamal دينا/dina هالة/hala خالد/khaled ليلى/layla منى/mona نور/nour رانيا/rania سمير/samir طارق/tarek",
    ),
    family: paired(
      "البنا/elbanna الحداد/elhaddad الخياط/elkhayat الشامي/elshamy الصياد/elsayyad القاضي/elkady المصري/elmasry النجار/elnaggar عواد/awad سالم/salem منصور/mansour زيدان/zidan",
    ),
  },
  {
    locale: "zh-CN",
    timezone: "Asia/Shanghai",
    country: "CN",
    city: "杭州",
    phone: "+86 21 5550 1",
    between: "",
    familyFirst: true,
    weight: 3,
    given: paired(
      "安然/anran 博文/bowen 晨曦/chenxi 大海/dahai 芳菲/fangfei 国栋/guodong 慧敏/huimin 佳怡/jiayi 丽华/lihua 明轩/mingxuan 若溪/ruoxi 思远/siyuan 雨桐/yutong 𠮷祥/jixiang",
    ),
    family: paired(
      "陈/chen 邓/deng 冯/feng 高/gao 何/he 黄/huang 李/li 林/lin 欧阳/ouyang 司马/sima 王/wang 吴/wu 徐/xu 张/zhang",
    ),
  },
  {
    locale: "ja-JP",
    timezone: "Asia/Tokyo",
    country: "JP",
    city: "さいたま",
    phone: "+81 3 5550 1",
    between: " ",
    familyFirst: true,
    weight: 2,
    given: paired(
      "あかり/akari いつき/itsuki カオル/kaoru さくら/sakura シンジ/shinji つばさ/tsubasa なぎさ/nagisa ハルカ/haruka ひかり/hikari まこと/makoto みのり/minori ユウキ/yuki",
    ),
    family: paired(
      "青木/aoki 石川/ishikawa 上田/ueda 遠藤/endo 岡田/okada 小林/kobayashi 斎藤/saito 髙橋/takahashi 中村/nakamura 林/hayashi 森/mori 渡邊/watanabe",
    ),
  },
  {
    locale: "ko-KR",
    timezone: "Asia/Seoul",
    country: "KR",
    city: "부산",
    phone: "+82 2 5550 1",
    between: "",
    familyFirst: true,
    weight: 2,
    given: paired(
      "가온/gaon 다은/daeun 도윤/doyun 민서/minseo 보람/boram 서준/seojun 수빈/subin 예린/yerin 지우/jiwoo 채원/chaewon 태양/taeyang 하늘/haneul",
    ),
    family: paired(
      "강/kang 김/kim 남궁/namgung 문/moon 박/park 서/seo 신/shin 오/oh 윤/yoon 이/lee 정/jeong 황보/hwangbo",
    ),
  },
];
