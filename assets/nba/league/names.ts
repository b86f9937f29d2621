import type { Random } from './random.ts';

const FIRST = `
Abel Adrian Alaric Alonzo Amari Andrej Anselm Armand Asher Bastian Benoît Blaise Boris Brannon Bryce Caden
Calloway Casimir Cedric Corwin Cyrus Dacian Damir Darnell Davor Deshawn Desmond Dimitar Dorian Edgar Eduardo
Elias Emeka Émile Enzo Ezekiel Fabián Felix Gabriel Goran Grady Gustavo Hakeem Hollis Hugo Ibrahim Ignác Isaiah
Ivo Jabari Jarrell Javon Jérôme Joaquín Jonah Jovan Julius Kadeem Kasper Keanu Kendrick Khalid Killian Kwame
Lamar Lazar Leandro Lennox Luka Maddox Malik Marcel Mateo Matías Maurice Mirko Nashon Nemanja Nico Obinna Omari
Orson Pascal Petar Quentin Rafael Ramón Rasheed Raúl Reggie Roland Roman Santiago Søren Stefan Sylvain Tariq
Terrance Théo Tobias Tomáš Tyree Ulrich Vaughn Viktor Vuk Wendell Xavier Yannick Yusuf Zaire Zoltán Żubin
D'Marco De'Vante Ja'Ron T.K. A.D. C.L. J.R. R.T.`
  .trim()
  .split(/\s+/);

const LAST = `
Abernathy Adeyinka Alderman Ambrose Arceneaux Ashworth Babatunde Balogun Barrowclough Beaumont Bellweather
Bergström Blackwood Boatwright Bouchard Brackenridge Brixton Calderón Cartwright Castellane Chukwuma Claiborne
Colquitt Covington-Hale Crenshaw Cvetanović Dąbrowa Dalrymple Delacroix Desrosiers Diallo-Baptiste Dimopoulos
Dragović Drummond-Yates Dunleavy-Ross Eastwood Ekwueme Ellerbe Estévez Fairbanks Fofanah Fontaine Fortunato
Gálvez Garrison-Webb Gautier Goodspeed Grabowski Greenlee Grünwald Hargrove Hathaway Hennessey Holloway-Crane
Ibáñez Ilunga Ivanković Jankauskas Jaramillo Jurišić Kalinowski Katsaros Kerrigan Kilpatrick Kovařík Kuzmanić
Łaszczyk Lattimore Laurent Lindqvist Livingstone Lockhart Lukšaitis Mabry Macgregor Mandeville Marchetti
Mbengue Merriweather Mikulić Montrose N'Dour-Faye Nakamura Nwachukwu O'Callan O'Shaughn Obradović Okonjo Olatunji
Ostergaard Pankhurst Pemberton Petrauskas Pickford Ploumen Quarterman Quiñones Rademaker Ravenel Redcliffe
Rodríguez-Vance Rosemond Rutherglen Sandoval Šarūnas Saunderson Schäfer Shackleford Sinclaire Sørlund Stanković
Stubblefield Szymański Tavernier Thibodaux Thornbury Tillinghast Toussaint Truesdale Uchenna Valcourt Vandermeer
Vasiljević Villanueva Vukčević Wainwright Weatherspoon Westbrooke-Dean Whitlock Winslowe Wojtkowiak Yarborough
Zabala Zagorac Želinskas Zimmerman-Cole`
  .trim()
  .split(/\s+/);

const SUFFIXES = ['Jr.', 'Jr.', 'III', 'II', 'IV'] as const;
const SUFFIX_SHARE = 0.05;

/** Letters that have no decomposition and would vanish when combining marks are dropped. */
const SPECIAL: Readonly<Record<string, string>> = {
  ø: 'o',
  Ø: 'O',
  đ: 'd',
  Đ: 'D',
  ł: 'l',
  Ł: 'L',
  ß: 'ss',
  æ: 'ae',
  Æ: 'Ae',
};

export function asciiName(name: string): string {
  return name
    .replace(/[øØđĐłŁßæÆ]/g, (letter) => SPECIAL[letter] ?? letter)
    .normalize('NFD')
    .replace(/\p{M}/gu, '');
}

/** What joins by name compare: lower-case letters and digits, suffix kept. */
export function normalizedName(name: string): string {
  return asciiName(name)
    .toLowerCase()
    .replace(/[^a-z0-9]/g, '');
}

/** Names that stay different even when a consumer drops the suffix. */
export function nameSource(rng: Random): () => string {
  const taken = new Set<string>();
  return () => {
    for (;;) {
      const plain = `${rng.pick(FIRST)} ${rng.pick(LAST)}`;
      const key = normalizedName(plain);
      if (taken.has(key)) continue;
      taken.add(key);
      return rng.chance(SUFFIX_SHARE) ? `${plain} ${rng.pick(SUFFIXES)}` : plain;
    }
  };
}
