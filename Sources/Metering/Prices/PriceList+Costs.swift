package import Operations

/// What work and capacity cost by a list: pure functions, in US dollars.
extension PriceList {
    /// The hours that the service reckons a month to have.
    package static let hoursPerMonth = 730.0
    /// The bytes of a GB of storage.
    package static let bytesPerGB = 1_073_741_824.0

    /// Request units of an on-demand table or index, read and write together.
    package func cost(of units: Units, tableClass: TableClass? = nil) -> Double {
        cost(ofReadUnits: units.read.value, writeUnits: units.write.value, tableClass: tableClass)
    }

    /// Request units, where they are a rate or an average rather than a count.
    package func cost(
        ofReadUnits read: Double, writeUnits write: Double, tableClass: TableClass? = nil
    ) -> Double {
        let prices = prices(of: tableClass)
        return read / 1_000_000 * prices.perMillionReadRequestUnits
            + write / 1_000_000 * prices.perMillionWriteRequestUnits
    }

    /// Provisioned capacity that was there for hours, used or not.
    package func cost(
        ofReadCapacity read: Double, writeCapacity write: Double,
        hours: Double = PriceList.hoursPerMonth, tableClass: TableClass? = nil
    ) -> Double {
        let prices = prices(of: tableClass)
        return
            (read * prices.perReadCapacityUnitHour + write * prices.perWriteCapacityUnitHour)
            * hours
    }

    /// The billable bytes of a table or index.
    ///
    /// - Parameter indexEntryCount: the entries, of an index; 0 for a table.
    package func storedBytes(byteCount: Int, indexEntryCount: Int = 0) -> Double {
        Double(byteCount) + Double(indexEntryCount) * Double(indexEntryOverheadBytes)
    }

    /// Storage for hours, of which nothing is free: `storageAllowance` tells what is taken off.
    package func cost(
        ofStoredBytes bytes: Double, hours: Double = PriceList.hoursPerMonth,
        tableClass: TableClass? = nil
    ) -> Double {
        bytes / Self.bytesPerGB * prices(of: tableClass).perStorageGBMonth * hours
            / Self.hoursPerMonth
    }

    /// What the free GB of a class take off its storage cost, of all its tables together.
    package func storageAllowance(
        ofStoredBytes bytes: Double, hours: Double = PriceList.hoursPerMonth,
        tableClass: TableClass? = nil
    ) -> Double {
        let free = prices(of: tableClass).freeStorageGB * Self.bytesPerGB
        return cost(ofStoredBytes: min(bytes, free), hours: hours, tableClass: tableClass)
    }

    /// GetRecords calls, of which nothing is free: `streamReadAllowance` tells what is taken off.
    package func cost(ofStreamReads count: Double) -> Double {
        count / 100_000 * perHundredThousandStreamReads
    }

    /// What the free stream reads of a month take off the cost of those of some hours.
    package func streamReadAllowance(
        ofStreamReads count: Double, hours: Double = PriceList.hoursPerMonth
    ) -> Double {
        cost(ofStreamReads: min(count, freeStreamReads * hours / Self.hoursPerMonth))
    }

    /// Point-in-time recovery of a table and its local indexes, for hours.
    package func cost(
        ofContinuousBackupBytes bytes: Double, hours: Double = PriceList.hoursPerMonth
    ) -> Double {
        bytes / Self.bytesPerGB * perContinuousBackupGBMonth * hours / Self.hoursPerMonth
    }

    /// On-demand backups of a table and its local indexes, kept for hours.
    package func cost(
        ofBackupBytes bytes: Double, hours: Double = PriceList.hoursPerMonth
    ) -> Double {
        bytes / Self.bytesPerGB * perBackupGBMonth * hours / Self.hoursPerMonth
    }
}
