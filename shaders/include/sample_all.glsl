// Steps 4 to 8 of Sample where any number of logits may stay: in a row as long as the vocabulary, by one workgroup. Include after sample_bins.glsl.
// Needs: logits, row, V, LANES, logit(i), TopK, TopP, MinP, seed, positions, ids, Ahead, chosen.
//
// Why             the k-th largest logit and the top-p cut are found by four rounds of counting the eight next bits of an
//                 order-preserving key. Probabilities are added as integers of 36 bits in three parts: such sums do not
//                 depend on their order, so the same logits give the same id on every run
shared uint lanes[256];
shared float sums[256];

// Draws for row t. No logit below floorKey is among the k largest.
void draw_of_all(uint t, float top, uint floorKey)
{
    uint lane = gl_LocalInvocationID.x;

    // 4 Top-k: the key of the k-th largest logit, eight bits per round.
    uint keptKey = 0u;
    if (TopK > 0u && TopK < V)
    {
        uint left = TopK;
        uint mask = 0u;
        for (uint round = 0; round < 4u; round++)
        {
            uint shift = 24u - 8u * round;
            count_bins(floorKey, keptKey, mask, shift, false, top);
            int coarse = 15;
            while (coarse > 0 && coarseCounts[coarse] < left) left -= coarseCounts[coarse--];
            int bin = 16 * coarse + 15;
            while (bin > 16 * coarse && counts[bin] < left) left -= counts[bin--];
            keptKey |= uint(bin) << shift;
            mask |= 255u << shift;
        }
    }

    // 5 Top-p: the key at which the sum of probabilities from below passes 1 - TopP, and how many of its ties stay.
    uint keptTies = 0xffffffffu;
    if (TopP < 1.0)
    {
        uint cut = 0u;
        uint mask = 0u;
        uint ties = 0u;
        float below = 0.0;
        float limit = 0.0;
        for (uint round = 0; round < 4u; round++)
        {
            uint shift = 24u - 8u * round;
            count_bins(keptKey, cut, mask, shift, true, top);
            if (round == 0u)
            {
                for (uint i = 0; i < 16u; i++) limit += coarseMass[i];
                limit *= 1.0 - TopP;
            }

            // Rounding may leave no bin that passes the limit: then the last one with a logit is it.
            uint last = 15u;
            while (last > 0u && coarseCounts[last] == 0u) last--;
            uint coarse = 0u;
            while (coarse < last && below + coarseMass[coarse] <= limit) below += coarseMass[coarse++];
            last = 16u * coarse + 15u;
            while (last > 16u * coarse && counts[last] == 0u) last--;
            uint bin = 16u * coarse;
            while (bin < last && below + mass_of(bin) <= limit) below += mass_of(bin++);
            cut |= bin << shift;
            mask |= 255u << shift;
            ties = counts[bin];
        }

        keptKey = max(keptKey, cut);
        float each = exp_exact(value_of(cut) - top);
        float dropped = each > 0.0 ? floor((limit - below) / each) : 0.0;
        keptTies = ties - uint(clamp(dropped, 0.0, float(max(ties, 1u) - 1u)));
        keptTies = keptTies == ties ? 0xffffffffu : keptTies;
    }

    // 6 to 8 walk in id order: an invocation owns consecutive ids.
    uint segment = (V + LANES - 1u) / LANES;
    uint from = min(lane * segment, V);
    uint to = min(from + segment, V);
    uint tiesBefore = 0u;
    if (keptTies != 0xffffffffu)
    {
        uint ties = 0u;
        for (uint i = from; i < to; i++) ties += key_of(logit(i)) == keptKey ? 1u : 0u;
        lanes[lane] = ties;
        barrier(); // ties of all segments are counted
        for (uint i = 0; i < lane; i++) tiesBefore += lanes[i];
    }

    // 7 Sum of what is left in this segment.
    float sum = 0.0;
    uint lastKept = 0xffffffffu;
    uint tie = tiesBefore;
    for (uint i = from; i < to; i++)
    {
        float l = logit(i);
        uint key = key_of(l);
        if (key < keptKey || (key == keptKey && tie++ >= keptTies)) continue;
        float p = exp_exact(l - top);
        if (p <= 0.0 || p < MinP) continue;
        sum += p;
        lastKept = i;
    }

    barrier(); // lanes[] has been read by all
    sums[lane] = sum;
    lanes[lane] = lastKept;
    barrier(); // sums of all segments are written
    if (lane == 0u)
    {
        float total = 0.0;
        for (uint i = 0; i < LANES; i++) total += sums[i];
        float target = uniform_number(uint(positions[t]) + 1u, SeedLow, SeedHigh) * total;
        float before = 0.0;
        uint owner = 0u;
        float ownerTarget = 0.0;
        bool found = false;
        for (uint i = 0; i < LANES && !found; i++)
        {
            if (lanes[i] == 0xffffffffu) continue;
            owner = i;
            ownerTarget = target - before;
            before += sums[i];
            found = before > target;
        }

        chosen = owner;
        sums[0] = found ? ownerTarget : uintBitsToFloat(0x7f800000u);
    }

    barrier(); // the segment of the draw is known
    if (lane != chosen) return;

    // 8 The first id whose running sum exceeds the target.
    float target = sums[0];
    float running = 0.0;
    tie = tiesBefore;
    for (uint i = from; i < to; i++)
    {
        float l = logit(i);
        uint key = key_of(l);
        if (key < keptKey || (key == keptKey && tie++ >= keptTies)) continue;
        float p = exp_exact(l - top);
        if (p <= 0.0 || p < MinP) continue;
        running += p;
        if (running > target)
        {
            lastKept = i;
            break;
        }
    }

    ids[t + Ahead] = int(lastKept);
}
