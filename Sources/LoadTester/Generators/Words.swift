/// Names and words to make items of, as real ones are made.
enum Words {
    enum Kind: String, Sendable, CaseIterable {
        case first, last, person, city, country, company, word, product, email
    }

    static func draw(_ kind: Kind, _ random: inout SeededRandom) -> String {
        switch kind {
        case .first: return first[random.below(first.count)]
        case .last: return last[random.below(last.count)]
        case .person: return draw(.first, &random) + " " + draw(.last, &random)
        case .city: return cities[random.below(cities.count)]
        case .country: return countries[random.below(countries.count)]
        case .company: return draw(.last, &random) + companies[random.below(companies.count)]
        case .word: return words[random.below(words.count)]
        case .product: return draw(.word, &random) + " " + draw(.word, &random)
        case .email:
            let name = draw(.first, &random) + "." + draw(.last, &random)
            return name.lowercased() + String(random.below(1_000)) + "@example.com"
        }
    }

    /// Text of words, of exactly so many bytes.
    static func text(byteCount: Int, _ random: inout SeededRandom) -> String {
        String(unsafeUninitializedCapacity: max(byteCount, 0)) { buffer in
            var filled = 0
            while filled < byteCount {
                let word = wordBytes[random.below(wordBytes.count)]
                for byte in word where filled < byteCount {
                    buffer[filled] = byte
                    filled += 1
                }
                if filled < byteCount {
                    buffer[filled] = 0x20
                    filled += 1
                }
            }
            return filled
        }
    }

    private static let wordBytes = words.map { Array($0.utf8) }

    private static let first = [
        "Ada", "Amir", "Ana", "Anton", "Aiko", "Bela", "Bruno", "Carla", "Chen", "Chloe", "Dario",
        "Dilan", "Edith", "Elif", "Emil", "Eva", "Farid", "Fatima", "Finn", "Grace", "Hana",
        "Hugo", "Ibrahim", "Ines", "Ivan", "Jamal", "Jana", "Jonas", "Kofi", "Lara", "Leo",
        "Lin", "Luca", "Maja", "Malik", "Mara", "Mateo", "Mila", "Nadia", "Nils", "Noor", "Olga",
        "Omar", "Paula", "Pedro", "Priya", "Rafael", "Rosa", "Sami", "Sofia", "Tariq", "Tessa",
        "Uma", "Viktor", "Wanda", "Yara", "Yusuf", "Zoe",
    ]
    private static let last = [
        "Abebe", "Adler", "Almeida", "Bauer", "Becker", "Bianchi", "Brown", "Carter", "Chen",
        "Costa", "Cruz", "Dahl", "Diaz", "Evans", "Ferrari", "Fischer", "Garcia", "Haas", "Hansen",
        "Hoffmann", "Ito", "Jensen", "Kaya", "Keller", "Kim", "Kowalski", "Kumar", "Larsen",
        "Lopez", "Mbeki", "Meyer", "Moreau", "Murphy", "Nakamura", "Nguyen", "Novak", "Okafor",
        "Olsen", "Patel", "Petrov", "Quinn", "Ramos", "Rossi", "Sato", "Schmidt", "Silva", "Singh",
        "Smith", "Suzuki", "Tanaka", "Torres", "Varga", "Wagner", "Walker", "Weber", "Wong",
        "Yamada", "Yilmaz", "Zhang", "Zimmermann",
    ]
    private static let cities = [
        "Accra", "Amsterdam", "Athens", "Bangalore", "Berlin", "Bogota", "Boston", "Bremen",
        "Cairo", "Chicago", "Copenhagen", "Dakar", "Delhi", "Dublin", "Geneva", "Hamburg", "Hanoi",
        "Helsinki", "Istanbul", "Jakarta", "Kyoto", "Lagos", "Lima", "Lisbon", "London", "Lyon",
        "Madrid", "Manila", "Melbourne", "Mexico City", "Milan", "Montreal", "Mumbai", "Nairobi",
        "Oslo", "Paris", "Porto", "Prague", "Quito", "Riga", "Rome", "Santiago", "Seattle",
        "Seoul", "Singapore", "Stockholm", "Sydney", "Tallinn", "Tokyo", "Toronto", "Tunis",
        "Vienna", "Warsaw", "Zurich",
    ]
    private static let countries = [
        "Australia", "Austria", "Brazil", "Canada", "Chile", "Denmark", "Egypt", "Estonia",
        "Finland", "France", "Germany", "Ghana", "Greece", "India", "Indonesia", "Ireland",
        "Italy", "Japan", "Kenya", "Mexico", "Morocco", "Netherlands", "Nigeria", "Norway", "Peru",
        "Poland", "Portugal", "Senegal", "Spain", "Sweden", "Switzerland", "Turkey", "Uruguay",
        "Vietnam",
    ]
    private static let companies = [" Ltd", " GmbH", " Inc", " & Sons", " Group", " Labs"]
    private static let words = [
        "amber", "anchor", "apple", "autumn", "basalt", "beacon", "birch", "bridge", "bright",
        "brook", "candle", "canyon", "cedar", "chalk", "cloud", "clover", "cobalt", "copper",
        "coral", "crystal", "delta", "drift", "dune", "ember", "falcon", "feather", "fern",
        "field", "flint", "forest", "garden", "glacier", "granite", "harbour", "hazel", "hollow",
        "horizon", "island", "ivory", "jade", "lantern", "laurel", "linen", "lunar", "maple",
        "marble", "meadow", "mirror", "mist", "morning", "mountain", "north", "ocean", "olive",
        "orchard", "paper", "pebble", "pine", "prairie", "quartz", "quiet", "rain", "raven",
        "reef", "ridge", "river", "saffron", "sage", "sail", "shadow", "silver", "slate", "snow",
        "spark", "spring", "stone", "storm", "summer", "thistle", "thunder", "tide", "timber",
        "valley", "velvet", "violet", "walnut", "water", "willow", "winter", "yarrow",
    ]
}
