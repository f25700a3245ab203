// Mirror of Sample.Uniform: first word of Philox4x32-10 (Salmon et al., SC11), key (k0, k1), counter position, as a number
// in [0, 1) with 24 bits.
float uniform_number(uint position, uint k0, uint k1)
{
    uvec4 c = uvec4(position, 0u, 0u, 0u);
    for (uint round = 0; round < 10u; round++)
    {
        uint high0, low0, high1, low1;
        umulExtended(c.x, 0xD2511F53u, high0, low0);
        umulExtended(c.z, 0xCD9E8D57u, high1, low1);
        c = uvec4(high1 ^ c.y ^ k0, low1, high0 ^ c.w ^ k1, low0);
        k0 += 0x9E3779B9u;
        k1 += 0xBB67AE85u;
    }

    return float(c.x >> 8) * (1.0 / 16777216.0);
}
