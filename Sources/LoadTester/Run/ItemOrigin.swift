internal import Operations

/// How items of a table were made that hold an instance of an entity: by a step of the load phase,
/// or by a request that added it.
///
/// Known only as far as their keys follow from the instance alone, without drawing: then a request
/// that updates or deletes such an item can tell which index entries it has.
struct ItemOrigin: Sendable {
    let table: Int
    let entity: Int
    let isLoaded: Bool
    /// Where templates look for the instance, and how many places there are.
    private let slot: Int
    private let slotCount: Int
    private let locals: [ValueTemplate]
    /// The key attributes of the table and its indexes.
    private let members: [ValueTemplate.Member]

    /// All that can be known of a workload's items.
    static func all(in design: Design, _ workload: Workload) -> [ItemOrigin] {
        let loaded = workload.loads.compactMap { step -> ItemOrigin? in
            guard case .each(let entity) = step.extent else { return nil }
            return ItemOrigin(
                table: step.table, entity: entity, isLoaded: true, slot: 0, slotCount: 1,
                locals: step.locals, item: step.item, in: design)
        }
        let added = workload.requests.flatMap { request in
            request.picks.indices.flatMap { slot -> [ItemOrigin] in
                guard case .added = request.picks[slot].choice else { return [] }
                return request.actions.filter { $0.kind == .put }.compactMap { action in
                    ItemOrigin(
                        table: action.table, entity: request.picks[slot].entity, isLoaded: false,
                        slot: slot, slotCount: request.picks.count, locals: request.locals,
                        item: action.attributes, in: design)
                }
            }
        }
        return loaded + added
    }

    private init?(
        table: Int, entity: Int, isLoaded: Bool, slot: Int, slotCount: Int,
        locals: [ValueTemplate], item: [ValueTemplate.Member], in design: Design
    ) {
        let designed = design.tables[table]
        let keys =
            designed.keys
            + designed.indexes.flatMap { $0.hashKeys + $0.rangeKeys }
        let names = Set(keys.map(\.name))
        let members = item.filter { names.contains($0.name) }
        guard
            members.allSatisfy({
                $0.value.follows(from: slot, locals: locals, byNumber: isLoaded)
            })
        else { return nil }
        self.table = table
        self.entity = entity
        self.isLoaded = isLoaded
        self.slot = slot
        self.slotCount = slotCount
        // Those that are drawn are in none of the members.
        self.locals = locals.map {
            $0.follows(from: slot, locals: locals, byNumber: isLoaded) ? $0 : .constant(.absent)
        }
        self.members = members
    }

    /// The key attributes of the item that holds an instance.
    func attributes(of instance: Drawing.Instance, in workload: Workload)
        -> [GeneratedValue.Member]
    {
        var drawing = Drawing(workload: workload, random: SeededRandom(seed: 0))
        drawing.picks = [Drawing.Instance](repeating: instance, count: slotCount)
        drawing.ordinal = instance.index
        for local in locals {
            let value = drawing.value(local)
            drawing.locals.append(value)
        }
        return drawing.item(members)
    }
}

extension ValueTemplate {
    /// Whether the value is the same whenever it is drawn for the same instance.
    ///
    /// - Parameters:
    ///   - slot: where the instance is picked.
    ///   - byNumber: whether what counts by number counts by the instance's.
    fileprivate func follows(from slot: Int, locals: [ValueTemplate], byNumber: Bool) -> Bool {
        func follows(_ reference: Reference) -> Bool {
            switch reference.base {
            case .ordinal: byNumber
            case .pick(let picked): picked == slot
            // A value of `let` rests on earlier ones alone.
            case .local(let number):
                number < locals.count
                    && locals[number].follows(
                        from: slot, locals: Array(locals[..<number]), byNumber: byNumber)
            }
        }
        func follows(_ parts: [TextPart]) -> Bool {
            parts.allSatisfy { part in
                switch part {
                case .literal: true
                case .value(let reference): follows(reference)
                }
            }
        }
        return switch self {
        case .constant: true
        case .text(let parts), .asNumber(let parts), .shard(let parts, _): follows(parts)
        case .reference(let reference), .time(.reference(let reference), _): follows(reference)
        case .asString(let template):
            template.follows(from: slot, locals: locals, byNumber: byNumber)
        case .sequence, .time(.steps, _): byNumber
        default: false
        }
    }
}
