/** Something measured that is compared with nothing but a bound. */
export interface Figure {
  readonly label: string;
  readonly value: number;
  readonly unit: string;
}

export interface Figures {
  readonly title: string;
  readonly figures: readonly Figure[];
}
