// Counting of logits by eight bits of an order-preserving key, and adding of their probabilities, for sample.comp.
// Needs: logit(i), V, LANES.
shared uint counts[256];
shared uint mass[3][256];      // 12-bit parts of probabilities, the largest first
shared uint coarseCounts[16];  // sums over 16 bins
shared float coarseMass[16];

// Unsigned integers in the order of the floats.
uint key_of(float l)
{
    uint bits = floatBitsToUint(l);
    return (bits >> 31) == 1u ? ~bits : bits | 0x80000000u;
}

float value_of(uint key) { return uintBitsToFloat((key >> 31) == 1u ? key & 0x7fffffffu : ~key); }

float mass_of(uint bin) { return float(mass[0][bin]) * 2.44140625e-4 + float(mass[1][bin]) * 5.9604644775390625e-8 + float(mass[2][bin]) * 1.4551915228366852e-11; }

// Counts, and adds probabilities of, keys at least floorKey whose bits under mask equal prefix, by their bits at shift.
void count_bins(uint floorKey, uint prefix, uint mask, uint shift, bool weighted, float top)
{
    uint lane = gl_LocalInvocationID.x;
    barrier(); // the round before has read its bins
    counts[lane] = 0u;
    mass[0][lane] = 0u;
    mass[1][lane] = 0u;
    mass[2][lane] = 0u;
    barrier(); // bins are empty
    for (uint base = lane; base < V; base += 4u * LANES)
    {
        float l[4];
        [[unroll]] for (uint i = 0; i < 4u; i++) l[i] = logit(min(base + i * LANES, V - 1u));
        for (uint i = 0; i < 4u; i++)
        {
            uint key = key_of(l[i]);
            if (base + i * LANES >= V || key < floorKey || (key & mask) != prefix) continue;
            uint bin = (key >> shift) & 255u;
            atomicAdd(counts[bin], 1u);
            if (!weighted) continue;
            float part = exp_exact(l[i] - top) * 4096.0;
            for (uint n = 0; n < 3u; n++)
            {
                float whole = floor(part);
                if (whole > 0.0) atomicAdd(mass[n][bin], uint(whole));
                part = (part - whole) * 4096.0;
            }
        }
    }

    barrier(); // bins are complete
    if (lane < 16u)
    {
        uint count = 0u;
        float sum = 0.0;
        for (uint i = 0; i < 16u; i++)
        {
            count += counts[16u * lane + i];
            sum += mass_of(16u * lane + i);
        }

        coarseCounts[lane] = count;
        coarseMass[lane] = sum;
    }

    barrier(); // coarse sums are complete
}
