//! The fields of the Leads module: Zoho's standard ones and the custom ones of the portal's quotes.

/// What a field holds. Names are Zoho's `data_type`s.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// One line of text.
    Text,
    /// Many lines of text.
    TextArea,
    /// An e-mail address; compared without regard to case.
    Email,
    /// A phone number, as text.
    Phone,
    /// A web address, as text.
    Website,
    /// One of the field's options.
    Picklist,
    /// A whole number.
    Integer,
    /// A decimal number, rounded to the field's `decimal_place`.
    Double,
    /// Money, rounded to the field's `decimal_place`.
    Currency,
    /// True or false.
    Boolean,
    /// The record's owner, `{"id": "…"}`.
    OwnerLookup,
    /// An instant; kept by the system.
    DateTime,
    /// The record's id.
    BigInt,
}

impl Kind {
    /// Zoho's `data_type`.
    pub fn data_type(self) -> &'static str {
        match self {
            Kind::Text => "text",
            Kind::TextArea => "textarea",
            Kind::Email => "email",
            Kind::Phone => "phone",
            Kind::Website => "website",
            Kind::Picklist => "picklist",
            Kind::Integer => "integer",
            Kind::Double => "double",
            Kind::Currency => "currency",
            Kind::Boolean => "boolean",
            Kind::OwnerLookup => "ownerlookup",
            Kind::DateTime => "datetime",
            Kind::BigInt => "bigint",
        }
    }

    /// Zoho's `json_type`.
    pub fn json_type(self) -> &'static str {
        match self {
            Kind::Integer => "integer",
            Kind::Double | Kind::Currency => "double",
            Kind::Boolean => "boolean",
            Kind::OwnerLookup => "jsonobject",
            _ => "string",
        }
    }

    pub(crate) fn is_text(self) -> bool {
        matches!(
            self,
            Kind::Text | Kind::TextArea | Kind::Email | Kind::Phone | Kind::Website | Kind::Picklist
        )
    }
}

/// A field of the module.
#[derive(Debug, Clone)]
pub struct Field {
    /// Name in the API.
    pub api_name: String,
    /// What it holds.
    pub kind: Kind,
    /// Longest value: characters, or digits of a number.
    pub length: usize,
    /// Digits after the point that are kept.
    pub decimal_place: u32,
    /// "Do not allow duplicate values" is set.
    pub unique: bool,
    /// Made by the business.
    pub custom: bool,
    /// Needed on every record.
    pub required: bool,
    /// Kept by the system: a write to it is refused.
    pub read_only: bool,
    /// The words of a picklist.
    pub options: Vec<String>,
}

impl Field {
    /// A standard field.
    pub fn standard(api_name: &str, kind: Kind, length: usize) -> Self {
        Self {
            api_name: api_name.to_owned(),
            kind,
            length,
            decimal_place: 2,
            unique: false,
            custom: false,
            required: false,
            read_only: false,
            options: Vec::new(),
        }
    }

    /// A field of the business's own.
    pub fn custom(api_name: &str, kind: Kind, length: usize) -> Self {
        Self {
            custom: true,
            ..Self::standard(api_name, kind, length)
        }
    }

    /// The same with "Do not allow duplicate values".
    pub fn unique(self) -> Self {
        Self { unique: true, ..self }
    }

    fn system(api_name: &str, kind: Kind) -> Self {
        Self {
            read_only: true,
            ..Self::standard(api_name, kind, 120)
        }
    }

    fn picklist(api_name: &str, options: &[&str]) -> Self {
        let options = options.iter().map(|&o| o.to_owned()).collect();
        Self {
            options,
            ..Self::standard(api_name, Kind::Picklist, 120)
        }
    }
}

/// Zoho's shipped words of `Lead_Status`.
pub const LEAD_STATUS: [&str; 8] = [
    "Attempted to Contact",
    "Contact in Future",
    "Contacted",
    "Junk Lead",
    "Lost Lead",
    "Not Contacted",
    "Pre-Qualified",
    "Not Qualified",
];

/// Zoho's shipped words of `Lead_Source`.
const LEAD_SOURCE: [&str; 15] = [
    "Advertisement",
    "Cold Call",
    "Employee Referral",
    "External Referral",
    "Online Store",
    "Partner",
    "Public Relations",
    "Sales Email Alias",
    "Seminar Partner",
    "Internal Seminar",
    "Trade Show",
    "Web Download",
    "Web Research",
    "Chat",
    "X (Twitter)",
];

/// The module as a solar installer has it: standard fields, then the quote's custom ones.
pub fn leads() -> Vec<Field> {
    let mut fields = standard();
    fields.extend(quote());
    fields.extend(system());
    fields
}

fn standard() -> Vec<Field> {
    vec![
        Field::standard("Company", Kind::Text, 200),
        Field::standard("First_Name", Kind::Text, 40),
        Field {
            required: true,
            ..Field::standard("Last_Name", Kind::Text, 80)
        },
        Field::standard("Designation", Kind::Text, 100),
        Field::standard("Email", Kind::Email, 100),
        Field::standard("Secondary_Email", Kind::Email, 100),
        Field::standard("Phone", Kind::Phone, 30),
        Field::standard("Mobile", Kind::Phone, 30),
        Field::standard("Fax", Kind::Text, 30),
        Field::standard("Website", Kind::Website, 450),
        Field::picklist("Lead_Source", &LEAD_SOURCE),
        Field::picklist("Lead_Status", &LEAD_STATUS),
        Field::standard("No_of_Employees", Kind::Integer, 9),
        Field::standard("Annual_Revenue", Kind::Currency, 16),
        Field::standard("Email_Opt_Out", Kind::Boolean, 5),
        Field::standard("Street", Kind::Text, 250),
        Field::standard("City", Kind::Text, 100),
        Field::standard("State", Kind::Text, 100),
        Field::standard("Zip_Code", Kind::Text, 30),
        Field::standard("Country", Kind::Text, 100),
        Field::standard("Description", Kind::TextArea, 32_000),
        Field::standard("Owner", Kind::OwnerLookup, 120),
    ]
}

fn quote() -> Vec<Field> {
    vec![
        Field::custom("Portal_Lead_ID", Kind::Text, 255).unique(),
        Field::custom("System_Size", Kind::Double, 16),
        Field::custom("Quote_Amount", Kind::Currency, 16),
        Field::custom("Annual_Savings", Kind::Currency, 16),
        Field::custom("Payment_Method", Kind::Text, 255),
        Field::custom("Loan_Term", Kind::Integer, 9),
        Field::custom("With_Battery", Kind::Boolean, 5),
        Field::custom("Battery_Size", Kind::Double, 16),
        Field::custom("Portal_Source", Kind::Text, 255),
    ]
}

fn system() -> Vec<Field> {
    vec![
        Field::system("id", Kind::BigInt),
        Field::system("Full_Name", Kind::Text),
        Field::system("Created_Time", Kind::DateTime),
        Field::system("Modified_Time", Kind::DateTime),
        Field::system("Created_By", Kind::OwnerLookup),
        Field::system("Modified_By", Kind::OwnerLookup),
        Field::system("Converted__s", Kind::Boolean),
    ]
}
