//! A picture of a made-up page, as PNG: enough to see where screenshots stand. Stored, not compressed.

/// A page of 320 × 200 with a banner over its lower part, or without one.
pub fn page(banner: bool, tint: u8) -> Vec<u8> {
    let (w, h) = (320u32, 200u32);
    let mut raw = Vec::with_capacity((h * (w + 1)) as usize);
    for y in 0..h {
        raw.push(0);
        for x in 0..w {
            let button =
                banner && (165..185).contains(&y) && ((180..235).contains(&x) || (245..305).contains(&x));
            let shade = match (x, y) {
                _ if button => 40,
                (_, 150..) if banner => 225,
                (_, 0..24) => 60 + tint / 2,
                (20..140, 44..130) => 170 + tint / 8,
                (160..300, 44..130) if y % 14 < 5 => 150,
                _ => 250,
            };
            raw.push(shade);
        }
    }
    let mut png = b"\x89PNG\r\n\x1a\n".to_vec();
    let mut head = [w.to_be_bytes(), h.to_be_bytes()].concat();
    head.extend([8, 0, 0, 0, 0]);
    chunk(&mut png, b"IHDR", &head);
    let mut z = vec![0x78, 0x01];
    let blocks = raw.chunks(65_535).count();
    for (i, part) in raw.chunks(65_535).enumerate() {
        z.push(u8::from(i + 1 == blocks));
        z.extend((part.len() as u16).to_le_bytes());
        z.extend((!(part.len() as u16)).to_le_bytes());
        z.extend(part);
    }
    let (mut a, mut b) = (1u32, 0u32);
    for x in &raw {
        a = (a + u32::from(*x)) % 65_521;
        b = (b + a) % 65_521;
    }
    z.extend(((b << 16) | a).to_be_bytes());
    chunk(&mut png, b"IDAT", &z);
    chunk(&mut png, b"IEND", &[]);
    png
}

fn chunk(out: &mut Vec<u8>, kind: &[u8; 4], data: &[u8]) {
    out.extend((data.len() as u32).to_be_bytes());
    let body = [kind.as_slice(), data].concat();
    let mut crc = u32::MAX;
    for x in &body {
        crc ^= u32::from(*x);
        for _ in 0..8 {
            crc = if crc & 1 == 1 { (crc >> 1) ^ 0xEDB8_8320 } else { crc >> 1 };
        }
    }
    out.extend(&body);
    out.extend((!crc).to_be_bytes());
}
