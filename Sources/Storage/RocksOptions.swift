import CRocksDB
import Glibc

/// The database's settings, and why they are so.
///
/// They are owned until the database is open.
///
/// - Point reads by a hashed key are the common case: blocks of 8 KB with a hash index inside,
///   filters of 10 bits per key (Bloom in level 0, ribbon below, a third smaller), on whole keys
///   and, in items and indexes, on the first 12 bytes: table id and partition hash.
/// - Memory is bounded: indexes and filters live in the shared cache, write buffers are
///   16 MB each and 64 MB together, tables kept open are bounded by the process's file limit.
/// - The log may be torn at its end, where the last write was cut short (`TornLog`). Any other
///   damage of it is an error at opening. Blocks are checked against their checksums whenever
///   they are read.
/// - LZ4 where data is young, ZSTD in the last level, which holds nine tenths of it; LZ4 alone,
///   and none in level 0, for stream records, which live for a day.
final class RocksOptions {
    /// The length of the keys' part that prefix filters know: `u32` table id, 8 bytes of hash.
    static let prefixByteCount = 12

    /// The database's own options, also those of the unused default column family.
    let database: OpaquePointer
    /// Options of each keyspace's column family, by raw value.
    private(set) var families: [OpaquePointer] = []

    private let cache: OpaquePointer

    /// Settings of a store.
    ///
    /// - Parameter environment: a memory environment, or nil for files.
    init(_ options: StoreOptions, environment: OpaquePointer?) throws(StorageError) {
        cache = rocksdb_cache_create_lru(options.cacheByteCount)
        database = rocksdb_options_create()
        if options.inMemory { try Self.skipFlushAtClose(database) }
        if let environment { rocksdb_options_set_env(database, environment) }
        setDatabase(options)
        setFamily(database, options, hasPrefix: false)
        for keyspace in Keyspace.allCases {
            let family: OpaquePointer = rocksdb_options_create_copy(database)
            setFamily(family, options, hasPrefix: keyspace.hasPrefix)
            if keyspace.isShortLived { setShortLived(family) }
            families.append(family)
        }
    }

    deinit {
        for family in families { rocksdb_options_destroy(family) }
        rocksdb_options_destroy(database)
        rocksdb_cache_destroy(cache)
    }

    /// A store in memory has no log; closing it would write its buffers out to nowhere.
    private static func skipFlushAtClose(_ options: OpaquePointer) throws(StorageError) {
        let base: OpaquePointer = rocksdb_options_create()
        defer { rocksdb_options_destroy(base) }
        var failure: UnsafeMutablePointer<CChar>?
        rocksdb_get_options_from_string(
            base, "avoid_flush_during_shutdown=true", options, &failure)
        if let failure { throw RocksStatus.error(taking: failure) }
    }

    private func setDatabase(_ options: StoreOptions) {
        rocksdb_options_set_create_if_missing(database, 1)
        rocksdb_options_set_create_missing_column_families(database, 1)
        rocksdb_options_set_paranoid_checks(database, 1)
        rocksdb_options_set_wal_recovery_mode(
            database, Int32(rocksdb_tolerate_corrupted_tail_records_recovery))
        rocksdb_options_set_max_open_files(database, Self.openFilesMax())
        rocksdb_options_set_max_background_jobs(database, 2)
        rocksdb_options_set_db_write_buffer_size(database, 4 * options.writeBufferByteCount)
        rocksdb_options_set_max_total_wal_size(database, UInt64(8 * options.writeBufferByteCount))
        // Written little by little, so that no fsync waits for a whole table's pages.
        rocksdb_options_set_bytes_per_sync(database, 1 << 20)
        rocksdb_options_set_skip_stats_update_on_db_open(database, 1)
        rocksdb_options_set_stats_dump_period_sec(database, 0)
        rocksdb_options_set_stats_persist_period_sec(database, 0)
        let warnings: Int32 = 2
        rocksdb_options_set_info_log_level(database, warnings)
        rocksdb_options_set_max_log_file_size(database, 1 << 20)
        rocksdb_options_set_keep_log_file_num(database, 4)
        rocksdb_options_set_manifest_preallocation_size(database, 64 << 10)
    }

    private func setFamily(
        _ family: OpaquePointer, _ options: StoreOptions, hasPrefix: Bool
    ) {
        let writeBuffer = options.writeBufferByteCount
        rocksdb_options_set_write_buffer_size(family, writeBuffer)
        rocksdb_options_set_max_write_buffer_number(family, 3)
        rocksdb_options_set_arena_block_size(family, min(256 << 10, writeBuffer / 8))
        rocksdb_options_set_level_compaction_dynamic_level_bytes(family, 1)
        rocksdb_options_set_max_bytes_for_level_base(family, UInt64(8 * writeBuffer))
        rocksdb_options_set_target_file_size_base(family, UInt64(2 * writeBuffer))
        rocksdb_options_set_compression(family, Int32(rocksdb_lz4_compression))
        rocksdb_options_set_bottommost_compression(
            family, Int32(rocksdb_zstd_compression))
        if hasPrefix {
            rocksdb_options_set_prefix_extractor(
                family, rocksdb_slicetransform_create_fixed_prefix(Self.prefixByteCount))
            rocksdb_options_set_memtable_prefix_bloom_size_ratio(family, 0.02)
            rocksdb_options_set_memtable_whole_key_filtering(family, 1)
        }
        setTables(family)
    }

    /// What is gone in a day isn't worth the CPU of the better compression, nor of any before it
    /// is first merged.
    private func setShortLived(_ family: OpaquePointer) {
        let compressed = Int32(rocksdb_lz4_compression)
        var levels = [Int32(rocksdb_no_compression)] + Array(repeating: compressed, count: 6)
        rocksdb_options_set_compression_per_level(family, &levels, levels.count)
        rocksdb_options_set_bottommost_compression(family, compressed)
    }

    private func setTables(_ family: OpaquePointer) {
        let tables: OpaquePointer = rocksdb_block_based_options_create()
        defer { rocksdb_block_based_options_destroy(tables) }
        rocksdb_block_based_options_set_format_version(tables, 5)
        rocksdb_block_based_options_set_block_size(tables, 8 << 10)
        rocksdb_block_based_options_set_block_cache(tables, cache)
        rocksdb_block_based_options_set_cache_index_and_filter_blocks(tables, 1)
        rocksdb_block_based_options_set_cache_index_and_filter_blocks_with_high_priority(tables, 1)
        rocksdb_block_based_options_set_pin_l0_filter_and_index_blocks_in_cache(tables, 1)
        rocksdb_block_based_options_set_filter_policy(
            tables, rocksdb_filterpolicy_create_ribbon_hybrid(10, 1))
        rocksdb_block_based_options_set_whole_key_filtering(tables, 1)
        rocksdb_block_based_options_set_data_block_index_type(
            tables,
            Int32(rocksdb_block_based_table_data_block_index_type_binary_search_and_hash))
        rocksdb_block_based_options_set_data_block_hash_ratio(tables, 0.75)
        rocksdb_options_set_block_based_table_factory(family, tables)
    }

    /// A quarter of the process's file limit, within 64 … 4,096: sockets need the rest.
    private static func openFilesMax() -> Int32 {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else {
            return 256
        }
        return Int32(min(max(limit.rlim_cur / 4, 64), 4096))
    }
}

extension Keyspace {
    /// Whether keys begin with a table id and a partition hash, which filters then know.
    var hasPrefix: Bool { self == .items || self == .indexes }

    /// Whether most of it is deleted again within a day.
    var isShortLived: Bool { self == .streams }
}
