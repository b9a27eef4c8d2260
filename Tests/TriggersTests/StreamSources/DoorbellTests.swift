import Testing

@testable import Triggers

@Suite("Doorbells") struct DoorbellTests {
    @Test("a murmur is found at the next ring; an attentive task wakes for it") func murmurs() async
    {
        let bell = Doorbell<[Int]>([])
        bell.murmur { $0.append(1) }
        #expect(await bell.wait() == [1])
        async let attentive = bell.wait()
        bell.murmur { $0.append(2) }
        #expect(await attentive == [2])
        async let inattentive = bell.wait(isAttentive: false)
        bell.murmur { $0.append(3) }
        bell.ring { $0.append(4) }
        #expect(await inattentive == [3, 4])
        bell.murmur { $0.append(5) }
        // What was murmured to a task that didn't listen isn't lost once it does.
        let sleeper = Task { await bell.wait(isAttentive: false) }
        bell.ring { $0.append(6) }
        #expect(await sleeper.value == [5, 6])
    }

    @Test("no murmur is lost between an inattentive and an attentive wait") func races() async {
        let bell = Doorbell(0)
        let count = 20_000
        let murmuring = Task {
            for turn in 0..<count {
                bell.murmur { $0 += 1 }
                if turn % 64 == 0 { await Task.yield() }
            }
        }
        let ringing = Task {
            // Until the end: the last wait may be one without attention.
            while !Task.isCancelled {
                bell.ring { _ in }
                try? await Task.sleep(for: .microseconds(200))
            }
        }
        var sum = 0
        var isAttentive = true
        while sum < count {
            sum += await bell.wait(isAttentive: isAttentive)
            isAttentive.toggle()
        }
        ringing.cancel()
        await murmuring.value
        await ringing.value
        #expect(sum == count)
    }
}
