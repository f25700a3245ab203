// A row in registers as QuantizeRows rounds it: eight neighbouring invocations hold a group. Include after held_row.glsl and round_group.glsl.
// What a group needs once one invocation computes: quotients by all that hold it would take longer than the waits between.
shared uint heldTops[1152];     // largest magnitude of each vector of four
shared uint heldSteps[1152];    // their steps, packed in natural order
shared float heldInverses[128]; // steps of a group per one
shared float heldUnits[128];    // value of one step

// Where a vector's word lies: owners of groups, which read eight each, meet in no bank.
uint held_word(uint c) { return c + c / 8u; }

// Row t of D columns, a multiple of 32 and at most 4096; all invocations of the workgroup must call it.
void round_held(uint t, vec4 row[HELD])
{
    uint vectors = D / 4u;
    uint groups = D / 32u;
    [[unroll]] for (uint i = 0; i < HELD; i++)
    {
        uint c = held_column(i);
        uvec4 bits = floatBitsToUint(row[i]) & 0x7fffffffu;
        if (c < vectors) heldTops[held_word(c)] = max(max(bits.x, bits.y), max(bits.z, bits.w));
    }

    barrier(); // magnitudes of all vectors are written

    // 1 Value of one step of each group, by its largest magnitude; what is not finite stays so.
    for (uint g = gl_LocalInvocationID.x; g < groups; g += gl_WorkGroupSize.x)
    {
        uint top = 0u;
        [[unroll]] for (uint n = 0; n < 8u; n++) top = max(top, heldTops[9u * g + n]);
        float absmax = uintBitsToFloat(top);
        heldInverses[g] = absmax == 0.0 ? 0.0 : 127.0 / absmax;
        heldUnits[g] = top < 0x7f800000u ? absmax / 127.0 : uintBitsToFloat(0x7fc00000u);
        unitsOut[t * groups + g] = heldUnits[g];
    }

    barrier(); // steps of all groups are known

    // 2 Steps.
    [[unroll]] for (uint i = 0; i < HELD; i++)
    {
        uint c = held_column(i);
        if (c < vectors) heldSteps[held_word(c)] = packed_bytes(ivec4(clamp(roundEven(row[i] * heldInverses[c / 8u]), -127.0, 127.0)));
    }

    barrier(); // steps of all vectors are written

    // 3 A word each: of four neighbours, or of the even or the odd ones of two vectors.
    [[unroll]] for (uint i = 0; i < HELD; i++)
    {
        uint c = held_column(i);
        if (c >= vectors) continue;
        uint at = t * vectors + c;
        uint word = heldSteps[held_word(c)];
        if (EvenOdd == 1u)
        {
            uint pair = held_word((c & ~7u) + 2u * (c & 3u));
            uint shift = (c & 4u) * 2u;
            uint first = heldSteps[pair] >> shift;
            uint second = heldSteps[pair + 1u] >> shift;
            word = (first & 255u) | (first >> 8 & 0xff00u) | (second & 255u) << 16 | (second & 0xff0000u) << 8;
        }

        stepsOut[at / 4u][at % 4u] = word;
    }

    // And all steps of a group together.
    for (uint g = gl_LocalInvocationID.x; g < groups; g += gl_WorkGroupSize.x)
    {
        int total = 0;
        [[unroll]] for (uint n = 0; n < 8u; n++)
        {
            int four = int(heldSteps[9u * g + n]);
            total += bitfieldExtract(four, 0, 8) + bitfieldExtract(four, 8, 8) + bitfieldExtract(four, 16, 8) + (four >> 24);
        }

        sumsOut[t * groups + g] = heldUnits[g] * float(total);
    }
}
