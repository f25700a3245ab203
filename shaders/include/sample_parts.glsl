// Sums of probabilities of the parts of a row, for Sample where no number of logits says how many stay. Include after sample_few.glsl and reduce.glsl.
// Needs: blocks, and what sample_few.glsl needs.

// Sum of e^(l - top) over the workgroup's part, from .. to; its largest key is top's. All invocations must call it.
float part_sum(uint from, uint to, uint place, float top)
{
    float sum = 0.0;
    for (uint base = from + place; base < to; base += 4u * LANES)
    {
        float l[4];
        [[unroll]] for (uint i = 0; i < 4u; i++) l[i] = base + i * LANES < to ? logits[row + base + i * LANES] : minus_infinity();
        [[unroll]] for (uint i = 0; i < 4u; i++) sum += exp_exact(tempered(l[i]) - top);
    }

    return workgroup_sum(sum);
}

// Running sums of a row's parts into fewSums, of which the last is that of all: first and count say where their tops and sums lie.
float sum_of_parts(uint first, uint count, float top)
{
    uint lane = gl_LocalInvocationID.x;
    uvec2 part = lane < count ? blocks[first + lane] : uvec2(LOWEST_KEY, 0u);
    fewSums[lane] = part.x > LOWEST_KEY ? uintBitsToFloat(part.y) * exp_exact(value_of(part.x) - top) : 0.0;
    fewSums[lane + LANES] = 0.0;
    barrier(); // sums of parts are written
    running_sums(count);
    return fewSums[count - 1u];
}

// Steps 7 and 8 for row t where all logits stay, after sum_of_parts for so many parts.
uint draw_of_parts(uint t, uint count, float top)
{
    uint lane = gl_LocalInvocationID.x;
    float target = uniform_number(uint(positions[t]) + 1u, SeedLow, SeedHigh) * fewSums[count - 1u];
    // Rounding may leave no part: then it is the last that has a weight.
    uint part = first_of(fewSums[lane] > target, false, count);
    part = part < count ? part : first_of(fewSums[lane] >= fewSums[count - 1u], false, count - 1u);
    target -= part > 0u ? fewSums[part - 1u] : 0.0;
    barrier(); // sums of parts are read

    // An invocation owns consecutive ids of the part.
    uint own = Segment / LANES;
    uint from = min(part * Segment + lane * own, V);
    uint to = min(from + own, V);
    float sum = 0.0;
    for (uint i = from; i < to; i++) sum += exp_exact(logit(i) - top);
    fewSums[lane] = sum;
    fewSums[lane + LANES] = 0.0;
    barrier(); // sums of invocations are written
    running_sums(LANES);
    uint owner = first_of(fewSums[lane] > target, false, LANES);
    owner = owner < LANES ? owner : first_of(fewSums[lane] >= fewSums[LANES - 1u], false, LANES - 1u);
    target -= owner > 0u ? fewSums[owner - 1u] : 0.0;
    if (lane == owner)
    {
        float running = 0.0;
        for (uint i = from; i < to; i++)
        {
            float p = exp_exact(logit(i) - top);
            chosen = p > 0.0 ? i : chosen;
            running += p;
            if (running > target) break;
        }
    }

    barrier(); // the id is known
    return chosen;
}
