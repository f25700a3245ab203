// Steps 4 to 8 of Sample where few logits can stay: they are copied together and put in order. Include after sample_bins.glsl.
// Needs: logits, row, V, Segment, LANES, BLOCKS, LOWEST_KEY, tempered(l), TopK, TopP, MinP, seed, positions and chosen.
//
// Why             the largest of blocks of logits are known, so a row's k largest lie in k blocks; no others are read again
const uint FEW = 512u;
shared uint fewKeys[FEW];
shared uint fewIds[FEW];
shared uint orderedKeys[FEW]; // largest first, and of equals the lowest id
shared uint orderedIds[FEW];
shared float fewSums[FEW];
shared uint fewCount;
shared uint listedBlocks[FEW];
shared uint listed;
shared uint partCounts[2 * 64];

// A key that at least k of the largest of blocks reach, to 20 of its bits; 0 where there are not as many.
uint reached_by(uint k, uint largest[BLOCKS])
{
    uint floorKey = 0u;
    for (uint n = 0; n < 20u; n++)
    {
        uint trial = floorKey | 0x80000000u >> n;
        uint count = 0u;
        [[unroll]] for (uint b = 0; b < BLOCKS; b++) count += largest[b] >= trial ? 1u : 0u;
        count = subgroupAdd(count);
        uint half_ = (n & 1u) * 64u;
        if (subgroupElect()) partCounts[half_ + gl_SubgroupID] = count;
        barrier(); // counts of this round are written; those of the one before are read
        count = 0u;
        for (uint i = 0; i < gl_NumSubgroups; i++) count += partCounts[half_ + i];
        floorKey = count >= k ? trial : floorKey;
    }

    return floorKey;
}

// Copies what is at least floorKey, and more than minus infinity, into fewKeys and fewIds; false where it is more than fits.
bool collect(uint floorKey, uint largest[BLOCKS])
{
    uint lane = gl_LocalInvocationID.x;
    floorKey = max(floorKey, LOWEST_KEY + 1u);
    if (lane == 0u)
    {
        listed = 0u;
        fewCount = 0u;
    }

    barrier(); // nothing is listed
    [[unroll]] for (uint b = 0; b < BLOCKS; b++)
    {
        if (largest[b] < floorKey) continue;
        uint at = atomicAdd(listed, 1u);
        if (at < FEW) listedBlocks[at] = lane + b * LANES;
    }

    barrier(); // blocks are listed
    if (listed >= FEW) return false;

    // A subgroup reads a block as it did before, four at a time.
    for (uint r = 0; r < Segment; r += 4u * LANES)
    {
        for (uint j = gl_SubgroupID; j < listed; j += 4u * gl_NumSubgroups)
        {
            uint id[4];
            float l[16];
            [[unroll]] for (uint n = 0; n < 4u; n++)
            {
                uint at = j + n * gl_NumSubgroups;
                uint block = listedBlocks[min(at, FEW - 1u)];
                id[n] = at < listed ? block / gl_NumSubgroups * Segment + r + block % gl_NumSubgroups * gl_SubgroupSize + gl_SubgroupInvocationID : V;
                [[unroll]] for (uint i = 0; i < 4u; i++) l[4u * n + i] = id[n] + i * LANES < V ? logits[row + id[n] + i * LANES] : minus_infinity();
            }

            [[unroll]] for (uint n = 0; n < 16u; n++)
            {
                uint key = key_of(tempered(l[n]));
                if (key < floorKey) continue;
                uint at = atomicAdd(fewCount, 1u);
                if (at >= FEW) continue;
                fewKeys[at] = key;
                fewIds[at] = id[n / 4u] + n % 4u * LANES;
            }
        }
    }

    barrier(); // all are copied
    return fewCount <= FEW;
}

// Each of fewSums becomes the sum up to itself. In a fixed order, so that the same numbers have the same sums everywhere.
void running_sums(uint count)
{
    uint lane = gl_LocalInvocationID.x;
    for (uint step_ = 1u; step_ < count; step_ *= 2u)
    {
        float low = lane >= step_ ? fewSums[lane - step_] : 0.0;
        float high = lane + LANES >= step_ ? fewSums[lane + LANES - step_] : 0.0;
        barrier(); // sums of this round are read
        fewSums[lane] += low;
        fewSums[lane + LANES] += high;
        barrier(); // and written
    }
}

// The first of 0 .. count - 1 at which an invocation's bool is true, or count; lane and lane + LANES are its two.
uint first_of(bool low, bool high, uint count)
{
    uint lane = gl_LocalInvocationID.x;
    if (lane == 0u) chosen = count;
    barrier(); // none is found yet
    if (low && lane < count) atomicMin(chosen, lane);
    if (high && lane + LANES < count) atomicMin(chosen, lane + LANES);
    barrier(); // the first is found
    uint first = chosen;
    barrier(); // and read by all
    return first;
}

float probability(uint key, float top) { return exp_exact(value_of(key) - top); }

// The id drawn for row t from what collect has copied, of which there is one at least. all: the sum of probabilities of all logits where others
// may stay too, else 0. No id, 0xffffffff, where the cut of top-p is among others.
uint draw_of_few(uint t, float top, float all)
{
    uint lane = gl_LocalInvocationID.x;
    uint count = fewCount;
    for (uint at = lane; at < count; at += LANES)
    {
        uint rank = 0u;
        for (uint i = 0; i < count; i++) rank += fewKeys[i] > fewKeys[at] || (fewKeys[i] == fewKeys[at] && fewIds[i] < fewIds[at]) ? 1u : 0u;
        orderedKeys[rank] = fewKeys[at];
        orderedIds[rank] = fewIds[at];
    }

    barrier(); // they are in order

    // 4 Top-k: what is as large as the k-th stays.
    uint kept = count;
    if (TopK > 0u && TopK < count)
    {
        kept = TopK;
        while (kept < count && orderedKeys[kept] == orderedKeys[TopK - 1u]) kept++;
    }

    // 5 Top-p: from the smallest up, all before the first whose sum passes 1 - TopP of all.
    if (TopP < 1.0)
    {
        for (uint at = lane; at < FEW; at += LANES) fewSums[at] = at < kept ? probability(orderedKeys[kept - 1u - at], top) : 0.0;
        barrier(); // probabilities are written
        running_sums(kept);
        float sum = fewSums[kept - 1u];
        float others = max(all - sum, 0.0);
        float limit = max(all, sum) * (1.0 - TopP);
        if (others > limit) return 0xffffffffu;
        kept -= first_of(others + fewSums[lane] > limit, others + fewSums[lane + LANES] > limit, kept - 1u);
    }

    // 6 Min-p, and what has no weight at all.
    float low = lane < kept ? probability(orderedKeys[lane], top) : 0.0;
    float high = lane + LANES < kept ? probability(orderedKeys[lane + LANES], top) : 0.0;
    kept = max(1u, first_of(low <= 0.0 || low < MinP, high <= 0.0 || high < MinP, kept));

    // 7 What is left in the order of ids.
    for (uint at = lane; at < FEW; at += LANES)
    {
        uint rank = at;
        if (at < kept)
        {
            rank = 0u;
            for (uint i = 0; i < kept; i++) rank += orderedIds[i] < orderedIds[at] ? 1u : 0u;
            fewIds[rank] = orderedIds[at];
        }

        fewSums[rank] = at < kept ? probability(orderedKeys[at], top) : 0.0;
    }

    barrier(); // ids and probabilities are in order
    running_sums(kept);

    // 8 The first id whose running sum exceeds the target, or the last.
    float target = uniform_number(uint(positions[t]) + 1u, SeedLow, SeedHigh) * fewSums[kept - 1u];
    return fewIds[first_of(fewSums[lane] > target, fewSums[lane + LANES] > target, kept - 1u)];
}
