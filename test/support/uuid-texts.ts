/** Texts of one UUID in forms that libvirt reads, and in forms that it does not. */
const digits = "6695eb01f6a4830479aa97f2502e193f";
const text = "6695eb01-f6a4-8304-79aa-97f2502e193f";

export const uuidTexts = [
  text,
  digits,
  text.toUpperCase(),
  ` ${text} `,
  `\t\r\n\f${text}\t\r\n\f`,
  `-${text}`,
  ` -${text}`,
  `--66 - ${digits.slice(2)}`,
];

export const noUuidTexts = [
  "",
  `${text}-`,
  `${text} -`,
  `\v${text}`,
  `${text}\v`,
  `\u00a0${text}`,
  `-\t${text}`,
  `66\t${digits.slice(2)}`,
  `669-${digits.slice(3)}`,
  text.slice(1),
  `${text}0`,
  text.replace("f", "g"),
];
